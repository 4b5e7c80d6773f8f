import { joinTables, unionTables } from './kql-join.js';
import { applyOperator } from './kql-operators.js';
import type { KqlTable } from './kql-value.js';
import { analyzeKusto } from './kusto-analyzer.js';
import { type KustoNode, parseKusto } from './kusto-parser.js';
import { QueryError } from './query-error.js';

/** Resource Graph allows so many of these in one query. */
const MAX_JOINS = 3;
const MAX_EXPANSIONS = 3;
const MAX_UNION_LEGS = 3;
const DEFAULT_TABLE = 'resources';

/** Finds a table by its name, without regard to case. */
export type TableSource = (name: string) => KqlTable | undefined;

/** A parsed query. */
export interface KqlQuery {
  /** True when the query itself limits its rows; such answers are never paged. */
  readonly hasLimit: boolean;
  /** True when the answer depends on the instant it is evaluated at. */
  readonly usesTime: boolean;
  evaluate(tables: TableSource, now: Date): KqlTable;
}

/** Parses a query of Resource Graph's dialect. Throws a `QueryError`. */
export function parseQuery(text: string): KqlQuery {
  const root = parseKusto(text);
  return {
    hasLimit: pipeline(root).some(({ kind }) => kind === 'TakeOperator'),
    usesTime: /\b(now|ago)\s*\(/i.test(text),
    evaluate: (tables, now) => {
      const names = analyzeKusto(startsWithOperator(root) ? `${DEFAULT_TABLE}\n| ${text}` : text, named(root, tables));
      const table = new Evaluation(tables, now).run(root);
      // What the analyzer derives is what Azure answers with: other columns would be an answer that only looks right.
      if (names.join('\n') !== table.columns.map(({ name }) => name).join('\n')) {
        throw new QueryError(`The columns (${names.join(', ')}) cannot be given these names.`);
      }
      return table;
    },
  };
}

/** A query may start with an operator; it then reads the default table. */
function startsWithOperator(root: KustoNode): boolean {
  const kind = pipeline(root)[0]?.kind;
  return kind !== 'NameReference' && kind !== 'UnionOperator';
}

/** The tables that a query names, each in the spelling it uses: Azure ignores case here, the analyzer does not. */
function named(root: KustoNode, tables: TableSource): { name: string; columns: KqlTable['columns'] }[] {
  const spellings = new Set([DEFAULT_TABLE]);
  for (const node of root.all) if (node.kind === 'NameReference') spellings.add(node.text);
  return [...spellings].flatMap((name) => {
    const columns = tables(name)?.columns;
    return columns ? [{ name, columns }] : [];
  });
}

/** The operators of a pipe, first to last, with the source in front. */
function pipeline(node: KustoNode): KustoNode[] {
  if (node.kind === 'ParenthesizedExpression') return pipeline(node.get('Expression'));
  if (node.kind !== 'PipeExpression') return [node];
  return [...pipeline(node.get('Expression')), node.get('Operator')];
}

class Evaluation {
  private joins = 0;
  private expansions = 0;

  constructor(
    private readonly tables: TableSource,
    private readonly now: Date,
  ) {}

  run(node: KustoNode): KqlTable {
    const [source, ...operators] = pipeline(node);
    if (!source) throw new QueryError('The query is empty.');
    // A query may start with an operator; it then reads the default table.
    if (source.kind !== 'NameReference') {
      return operators.reduce((table, operator) => this.apply(operator, table), this.first(source));
    }
    return operators.reduce((table, operator) => this.apply(operator, table), this.table(source.text));
  }

  private first(operator: KustoNode): KqlTable {
    if (operator.kind === 'UnionOperator') return unionTables(this.legs(operator, 0));
    return this.apply(operator, this.table(DEFAULT_TABLE));
  }

  private table(name: string): KqlTable {
    const table = this.tables(name);
    if (!table) throw new QueryError(`Table ${name} was not found.`);
    return table;
  }

  private apply(operator: KustoNode, table: KqlTable): KqlTable {
    if (operator.kind === 'JoinOperator') {
      if (++this.joins > MAX_JOINS)
        throw new QueryError(`'join' operator: at most ${MAX_JOINS} are allowed in a query`);
      return joinTables(operator, table, this.run(operator.get('Expression')));
    }
    if (operator.kind === 'UnionOperator') return unionTables([table, ...this.legs(operator, 1)]);
    if (operator.kind === 'MvExpandOperator' && ++this.expansions > MAX_EXPANSIONS) {
      throw new QueryError(`'mv-expand' operator: at most ${MAX_EXPANSIONS} are allowed in a query`);
    }
    const result = applyOperator(operator, table, this.now);
    if (!result) throw new QueryError(`The operator '${operator.text.split(/\s/)[0] ?? ''}' is not supported.`);
    return result;
  }

  private legs(operator: KustoNode, others: number): KqlTable[] {
    const legs = operator.list('Expressions');
    if (operator.list('Parameters').length > 0) throw new QueryError("'union' operator: no parameter is supported");
    if (legs.length + others > MAX_UNION_LEGS) {
      throw new QueryError(`'union' operator: at most ${MAX_UNION_LEGS} legs are allowed in a query`);
    }
    return legs.map((leg) => this.run(leg));
  }
}
