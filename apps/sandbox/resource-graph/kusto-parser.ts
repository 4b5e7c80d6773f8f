import { createRequire } from 'node:module';
import { QueryError } from './query-error.js';

/**
 * The syntax tree of Microsoft's own Kusto parser, reduced to what an evaluator needs. The parser package is a
 * translation from C# that defines globals instead of exports; nothing outside this file knows that.
 */
export class KustoNode {
  constructor(private readonly raw: RawNode) {}

  /** Kind as the parser names it, for instance `FilterOperator`. */
  get kind(): string {
    return kindName(this.raw.Kind);
  }

  /** Source text without surrounding blanks. */
  get text(): string {
    return this.raw.toString(INTERIOR_TRIVIA).trim();
  }

  /** Unescaped value of a string literal, and the name of a name node. */
  get value(): string {
    const literal = this.raw.LiteralValue ?? this.raw.SimpleName;
    return typeof literal === 'string' ? literal : this.text;
  }

  /** A named part; undefined when the parser left it out. */
  find(name: string): KustoNode | undefined {
    for (let index = 0; index < this.raw.ChildCount; index++) {
      const child = this.raw.GetChild(index);
      if (child && this.raw.GetName(index) === name) return new KustoNode(child);
    }
    return undefined;
  }

  /** A part that this kind of node always has. */
  get(name: string): KustoNode {
    const found = this.find(name);
    if (!found) throw new QueryError(`${this.kind} without ${name}`);
    return found;
  }

  /** The elements of a separated list held under `name`. */
  list(name: string): KustoNode[] {
    return this.find(name)?.elements ?? [];
  }

  /** This node and everything below it. */
  get all(): KustoNode[] {
    const nodes: KustoNode[] = [this];
    for (let index = 0; index < this.raw.ChildCount; index++) {
      const child = this.raw.GetChild(index);
      if (child) nodes.push(...new KustoNode(child).all);
    }
    return nodes;
  }

  /** The elements of a separated list. */
  get elements(): KustoNode[] {
    const elements: KustoNode[] = [];
    for (let index = 0; index < this.raw.ChildCount; index++) {
      const child = this.raw.GetChild(index);
      if (!child) continue;
      const node = new KustoNode(child);
      elements.push(node.kind === 'SeparatedElement' ? new KustoNode(child.GetChild(0) as RawNode) : node);
    }
    return elements;
  }
}

/** Parses a query into its only expression. Throws a `QueryError` with position on a syntax error. */
export function parseKusto(query: string): KustoNode {
  const code = kustoLanguage().KustoCode.Parse(query);
  const diagnostics = code.GetSyntaxDiagnostics();
  for (let index = 0; index < diagnostics.Count; index++) {
    const { Start, Length, Message } = diagnostics.getItem(index);
    throw new QueryError(Message, positionOf(query, Start, Length));
  }
  const statements = new KustoNode(code.Syntax).list('Statements');
  const [statement] = statements;
  if (statements.length !== 1 || statement?.kind !== 'ExpressionStatement') {
    throw new QueryError('Only a single tabular expression is supported.', positionOf(query, 0, 0));
  }
  return statement.get('Expression');
}

function positionOf(query: string, start: number, length: number): { line: number; column: number; token: string } {
  const before = query.slice(0, start).split('\n');
  return {
    line: before.length,
    column: before.at(-1)?.length ?? 0,
    token: query.slice(start, start + length).trim() || (/[\w-]+|\S/.exec(query.slice(start))?.[0] ?? '<EOF>'),
  };
}

/** The parser's choice to keep blanks and comments inside a node and drop those around it. */
const INTERIOR_TRIVIA = 2;

interface RawNode {
  readonly Kind: number;
  readonly ChildCount: number;
  readonly LiteralValue?: unknown;
  readonly SimpleName?: unknown;
  GetChild(index: number): RawNode | null;
  GetName(index: number): string;
  toString(includeTrivia: number): string;
}

interface KustoList<T> {
  readonly Count: number;
  getItem(index: number): T;
}

interface KustoLanguage {
  readonly KustoCode: {
    ParseAndAnalyze(
      query: string,
      globals: unknown,
    ): {
      readonly ResultType: { readonly Columns?: KustoList<{ readonly Name: string }> } | null;
      GetDiagnostics(): KustoList<{ readonly Severity: string; readonly Message: string }>;
    };
    Parse(query: string): {
      readonly Syntax: RawNode;
      GetSyntaxDiagnostics(): KustoList<{ readonly Start: number; readonly Length: number; readonly Message: string }>;
    };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
  readonly Symbols: {
    readonly TableSymbol: { From(schema: string): { WithName(name: string): unknown } };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: unknown[]) => unknown };
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> };
}

let language: KustoLanguage | undefined;
let kindNames: ReadonlyMap<unknown, string> | undefined;

/** Loaded on first use: it takes a quarter of a second and 100 MB that a sandbox without queries never needs. */
export function kustoLanguage(): KustoLanguage {
  if (!language) {
    const require = createRequire(import.meta.url);
    // The order matters: the first script defines the runtime the second one builds on.
    require('@kusto/language-service-next/bridge.min.js');
    require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
    language = (globalThis as unknown as { Kusto: { Language: KustoLanguage } }).Kusto.Language;
  }
  return language;
}

function kindName(kind: number): string {
  kindNames ??= new Map(Object.entries(kustoLanguage().Syntax.SyntaxKind).map(([name, value]) => [value, name]));
  return kindNames.get(kind) ?? String(kind);
}
