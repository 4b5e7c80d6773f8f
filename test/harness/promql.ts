/** What a selector asks of a metric: each label with the comparison and the value that it names. */
export interface Selector {
  metric: string;
  matchers: { label: string; operator: '=' | '!=' | '=~' | '!~'; value: string }[];
  /** Labels that an aggregation around it, or a match with another operand, goes by. */
  grouped: string[];
}

const TOKEN =
  /\s+|#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\[[^\]]*\]|(?:\d[\w.]*|\.\d\w*)(?:(?<=[eE])[+-]\d+)?|[a-zA-Z_:][\w:]*|=~|!~|!=|==|>=|<=|[-+*/%^<>=@(){},]/y;
const AGGREGATING = new Set(['by', 'without']);
const EVERYTHING = { from: 0, to: Infinity };
const GROUPING = new Set([...AGGREGATING, 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set([...GROUPING, 'and', 'or', 'unless', 'offset', 'bool', 'atan2', 'inf', 'nan']);
const NAME = /^[a-zA-Z_:]/;

/**
 * The selectors of a PromQL expression, and the labels that it groups or matches by. It reads what selectors and groupings
 * are made of and leaves the rest alone, so it cannot say whether the expression is right; it throws for what it cannot read.
 * Labels that `label_replace` makes are not known.
 */
export function askedBy(expression: string): { selectors: Selector[]; grouped: string[] } {
  const tokens = tokensOf(expression);
  const selectors: (Selector & { at: number })[] = [];
  const groupings: { labels: string[]; from: number; to: number }[] = [];
  let at = 0;
  const until = (end: string) => {
    const from = at + 1;
    at = tokens.indexOf(end, from);
    if (at < 0) throw new Error(`no ${end} in: ${expression}`);
    return tokens.slice(from, at).filter((token) => token !== ',');
  };
  for (; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    const next = tokens[at + 1];
    if (token === '{') throw new Error(`a selector without a metric in: ${expression}`);
    if (!NAME.test(token)) continue;
    if (GROUPING.has(token)) {
      if (next !== '(') continue;
      const before = at - 1;
      at += 1;
      const labels = until(')');
      groupings.push({ labels, ...(AGGREGATING.has(token) ? operandOf(tokens, before, at + 1) : EVERYTHING) });
    } else if (!WORDS.has(token.toLowerCase()) && next !== '(' && !AGGREGATING.has(next!)) {
      const selector = { metric: token, matchers: [] as Selector['matchers'], grouped: [], at };
      if (next === '{') {
        at += 1;
        selector.matchers = matchersOf(until('}'));
      }
      selectors.push(selector);
    }
  }
  const around = (index: number) => groupings.filter(({ from, to }) => from <= index && index <= to);
  return {
    selectors: selectors.map(({ at: index, ...selector }) => ({
      ...selector,
      grouped: around(index).flatMap(({ labels }) => labels),
    })),
    grouped: groupings.flatMap(({ labels }) => labels),
  };
}

/** The parentheses that an aggregation is over: behind its grouping, `sum by (a) (…)`, or before, `sum(…) by (a)`. */
function operandOf(tokens: readonly string[], before: number, behind: number): { from: number; to: number } {
  const step = tokens[before] === ')' ? -1 : 1;
  const from = step < 0 ? before : behind;
  let depth = 0;
  for (let at = from; at >= 0 && at < tokens.length; at += step) {
    if (tokens[at] === '(') depth += step;
    if (tokens[at] === ')') depth -= step;
    if (depth === 0) return { from: Math.min(from, at), to: Math.max(from, at) };
  }
  throw new Error(`parentheses do not match: ${tokens.join(' ')}`);
}

function matchersOf(tokens: readonly string[]): Selector['matchers'] {
  return Array.from({ length: Math.ceil(tokens.length / 3) }, (_, index) => {
    const [label, operator, quoted] = tokens.slice(index * 3, index * 3 + 3);
    if (!NAME.test(label!) || !/^(=|!=|=~|!~)$/.test(operator ?? '') || !/^["']/.test(quoted ?? '')) {
      throw new Error(`not a matcher: ${label}${operator}${quoted}`);
    }
    return { label: label!, operator: operator as '=', value: quoted!.slice(1, -1).replaceAll(/\\(.)/g, '$1') };
  });
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const from = TOKEN.lastIndex;
    const [token] = TOKEN.exec(expression) ?? [];
    if (token === undefined) throw new Error(`cannot be read from ${from} on: ${expression}`);
    if (!/^[\s#]/.test(token)) tokens.push(token);
  }
  return tokens;
}

/** Whether a matcher chooses a value, as Prometheus anchors it. */
export function chooses({ operator, value }: Selector['matchers'][number], candidate: string): boolean {
  const isEqual = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(candidate) : candidate === value;
  return operator.startsWith('!') ? !isEqual : isEqual;
}

/** The metrics of a process with the values of each label; a histogram's parts count as metrics. */
export type Exposed = Map<string, Map<string, Set<string>>>;

/** Adds to `into` what a process exposes in Prometheus's text format. */
export function exposed(text: string, into: Exposed = new Map()): Exposed {
  const of = (name: string) => into.get(name) ?? into.set(name, new Map()).get(name)!;
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)/.exec(line);
    // One that has no samples yet exists all the same; its labels are not known then.
    if (declared) {
      const parts = declared[2] === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
      for (const part of parts) of(declared[1]! + part);
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line);
    if (!sample) continue;
    const labels = of(sample[1]!);
    for (const [, label, value] of (sample[2] ?? '').matchAll(/([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"/g)) {
      (labels.get(label!) ?? labels.set(label!, new Set()).get(label!)!).add(value!);
    }
  }
  return into;
}
