/** What an expression asks of the metrics. */
export interface Asked {
  metric: string;
  /** Labels that the selector names. */
  labels: string[];
}

const KEYWORDS = new Set([
  'by',
  'without',
  'and',
  'or',
  'unless',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'offset',
  'bool',
]);

/**
 * The metrics with their labels, and the labels that are grouped by. Good for what the rules and dashboards write:
 * selectors, functions, aggregations and operators; not for subqueries or names in quotes.
 */
export function askedBy(expression: string): { selectors: Asked[]; grouped: string[] } {
  const grouped: string[] = [];
  const selectors: Asked[] = [];
  // Labels first, because their names look like metrics.
  const rest = expression.replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, names: string) => {
    grouped.push(
      ...names
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    );
    return ' ';
  });
  for (const match of rest.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(\s*\()?/g)) {
    const [, name, braces, call] = match;
    const before = rest.slice(0, match.index);
    // Durations such as [5m] and numbers such as 1e3 hold letters too.
    if (call || KEYWORDS.has(name!) || /[\d[]$/.test(before) || isWithinBraces(before)) continue;
    const labels = [...(braces ?? '').matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
    selectors.push({ metric: name!, labels });
  }
  return { selectors, grouped };
}

function isWithinBraces(before: string): boolean {
  return before.lastIndexOf('{') > before.lastIndexOf('}');
}

/** Names and labels of what a process exposes, in Prometheus's text format; a histogram's parts count as metrics. */
export function exposed(text: string): Map<string, Set<string>> {
  const metrics = new Map<string, Set<string>>();
  const of = (name: string) => metrics.get(name) ?? metrics.set(name, new Set()).get(name)!;
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)/.exec(line);
    // One that has no samples yet exists all the same; its labels are not known then.
    if (declared) {
      const parts = declared[2] === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
      for (const part of parts) of(declared[1]! + part);
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line);
    if (!sample) continue;
    for (const [, label] of (sample[2] ?? '').matchAll(/([a-zA-Z_]\w*)="/g)) of(sample[1]!).add(label!);
    of(sample[1]!);
  }
  return metrics;
}
