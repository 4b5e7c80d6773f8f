import { createRequire } from 'node:module';

/** A part of the syntax tree that Microsoft's parser made of a query. */
interface SyntaxNode {
  readonly Kind: number;
  readonly ChildCount: number;
  GetChild(index: number): SyntaxNode | null;
  GetName(index: number): string;
  toString(includeTrivia: number): string;
}

interface KustoList<T> {
  readonly Count: number;
  getItem(index: number): T;
}

interface KustoCode {
  readonly Syntax: SyntaxNode;
  readonly ResultType: { readonly Columns?: KustoList<{ readonly Name: string }> } | null;
  GetDiagnostics(): KustoList<{ readonly Severity: string; readonly Start: number; readonly Message: string }>;
}

interface KustoLanguage {
  readonly KustoCode: { ParseAndAnalyze(query: string, globals: unknown): KustoCode };
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
  readonly Symbols: {
    readonly TableSymbol: { From(schema: string): { WithName(name: string): unknown } };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: unknown[]) => unknown };
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> };
}

/** Columns of Resource Graph's tables as recorded on the wire. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: 'string',
  name: 'string',
  type: 'string',
  tenantId: 'string',
  kind: 'string',
  location: 'string',
  resourceGroup: 'string',
  subscriptionId: 'string',
  managedBy: 'string',
  sku: 'dynamic',
  plan: 'dynamic',
  properties: 'dynamic',
  tags: 'dynamic',
  identity: 'dynamic',
  zones: 'dynamic',
  extendedLocation: 'dynamic',
};

/** Resource Graph finds tables in any case, the analyzer only as they are registered: both usual spellings are. */
const TABLES = ['Resources', 'ResourceContainers', 'AdvisorResources'].flatMap((name) => [name, name.toLowerCase()]);

/** What Resource Graph's documentation of its query language lists (concepts/query-language). */
const OPERATORS = new Set(
  'Count Distinct Extend Filter Join MvExpand Parse Project ProjectAway Sort Summarize Take Top Union'
    .split(' ')
    .map((name) => `${name}Operator`),
);
const JOIN_KINDS = ['innerunique', 'inner', 'leftouter'];
const MOST = { JoinOperator: 3, MvExpandOperator: 3 } as const;
const MOST_UNION_LEGS = 3;
const INTERIOR_TRIVIA = 2;

/** Functions that the library may use: all stand in Resource Graph's own sample queries or in widely used workbooks. */
const FUNCTIONS = new Set(
  (
    'ago array_length bag_keys case coalesce datetime_diff extract iff isempty isnotempty isnotnull isnull not now split ' +
    'strcat tobool todatetime todouble toint tolong tolower tostring count countif sum dcount make_list make_set min max avg'
  ).split(' '),
);

/** What is wrong with a query according to Microsoft's Kusto analyzer and Resource Graph's own limits; [] if nothing. */
export function judgeKql(query: string): string[] {
  return [...diagnose(query), ...limits(nodesOf(analyze(query).Syntax))];
}

/** Names of the columns that a query answers with, as Microsoft's analyzer derives them. */
export function columnsOf(query: string): string[] {
  return items(analyze(query).ResultType?.Columns).map(({ Name }) => Name);
}

function diagnose(query: string): string[] {
  return items(analyze(query).GetDiagnostics())
    .filter(({ Severity }) => Severity === 'Error')
    .map(({ Start, Message }) => `${Message} (at ${query.slice(Start, Start + 30)})`);
}

interface NamedNode {
  kind: string;
  text: string;
  node: SyntaxNode;
  /** Stands behind a pipe. */
  isPiped: boolean;
}

function limits(nodes: readonly NamedNode[]): string[] {
  const problems: string[] = [];
  const count = (kind: string) => nodes.filter((node) => node.kind === kind).length;
  for (const node of nodes) {
    const { kind, text } = node;
    if (kind.endsWith('Operator') && !OPERATORS.has(kind)) problems.push(`${kind} is no operator of Resource Graph`);
    if (kind.endsWith('Statement') && kind !== 'ExpressionStatement') problems.push(`${kind} is not possible`);
    if (kind === 'FunctionCallExpression' && !FUNCTIONS.has(functionName(text))) {
      problems.push(`${functionName(text)}() is not known to work in Resource Graph`);
    }
    if (kind === 'JoinOperator') {
      const joinKind = /^join\s+(?:.*?\s)?kind\s*=\s*(\w+)/is.exec(text.split('(')[0] ?? '')?.[1] ?? 'innerunique';
      if (!JOIN_KINDS.includes(joinKind.toLowerCase())) problems.push(`join kind ${joinKind} is not possible`);
    }
    if (kind === 'MvExpandOperator' && Number(/\blimit\s+(\d+)/i.exec(text)?.[1] ?? 0) > 400) {
      problems.push('mv-expand: the row limit is above 400');
    }
    if (kind === 'UnionOperator' && legs(node) > MOST_UNION_LEGS) problems.push('union: more than 3 legs');
  }
  for (const [kind, most] of Object.entries(MOST)) if (count(kind) > most) problems.push(`${kind}: more than ${most}`);
  if (count('UnionOperator') > 1) problems.push('union: more than one');
  if (count('ExpressionStatement') !== 1) problems.push('not a single statement');
  return problems;
}

/** The tables behind the keyword, and the one that is piped into it. */
function legs({ node, isPiped }: NamedNode): number {
  let own = 0;
  for (let index = 0; index < node.ChildCount; index++) {
    if (node.GetName(index) === 'Expressions') own = node.GetChild(index)?.ChildCount ?? 0;
  }
  return own + (isPiped ? 1 : 0);
}

function functionName(call: string): string {
  return (/^[\w-]+/.exec(call)?.[0] ?? call).toLowerCase();
}

function nodesOf(root: SyntaxNode): NamedNode[] {
  const found: NamedNode[] = [];
  const visit = (node: SyntaxNode, isPiped: boolean): void => {
    const kind = kindOf(node.Kind);
    // Blanks and comments around a node are no part of its text.
    found.push({ kind, text: node.toString(INTERIOR_TRIVIA).trim(), node, isPiped });
    for (let index = 0; index < node.ChildCount; index++) {
      const child = node.GetChild(index);
      if (child) visit(child, kind === 'PipeExpression' && node.GetName(index) === 'Operator');
    }
  };
  visit(root, false);
  return found;
}

function items<T>(list: KustoList<T> | undefined): T[] {
  return Array.from({ length: list?.Count ?? 0 }, (_, index) => list!.getItem(index));
}

let language: { kusto: KustoLanguage; globals: unknown; kinds: ReadonlyMap<unknown, string> } | undefined;

function load() {
  if (language) return language;
  const require = createRequire(import.meta.url);
  // The package defines globals instead of exports; the first script defines the runtime that the second builds on.
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const kusto = (globalThis as unknown as { Kusto: { Language: KustoLanguage } }).Kusto.Language;
  const schema = Object.entries(COLUMNS)
    // Quoted: some names are keywords, and a column whose name is one would vanish without a word.
    .map(([name, type]) => `['${name}']: ${type}`)
    .join(', ');
  const tables = TABLES.map((name) => kusto.Symbols.TableSymbol.From(`(${schema})`).WithName(name));
  const database = new kusto.Symbols.DatabaseSymbol.ctor('resource-graph', tables);
  language = {
    kusto,
    globals: kusto.GlobalState.Default.WithDatabase(database),
    kinds: new Map(Object.entries(kusto.Syntax.SyntaxKind).map(([name, value]) => [value, name])),
  };
  return language;
}

function analyze(query: string): KustoCode {
  const { kusto, globals } = load();
  return kusto.KustoCode.ParseAndAnalyze(query, globals);
}

function kindOf(kind: number): string {
  return load().kinds.get(kind) ?? String(kind);
}
