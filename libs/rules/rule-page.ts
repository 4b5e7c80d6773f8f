import { CATEGORIES, type Rule, type Runbook } from './rule.js';

/** What a runbook's placeholders stand for. */
export interface RunbookValues {
  id: string;
  name: string;
  resource_group: string;
  subscription: string;
  location: string;
  evidence: Readonly<Record<string, unknown>>;
}

/** The steps of a runbook in the order in which a person takes them; each is Markdown. */
export interface RunbookStep {
  title: 'Check' | 'Act with Azure CLI' | 'Act in the portal' | 'Act in Terraform' | 'Verify' | 'Undo';
  /** Commands are shown as such and can be pasted into a shell. */
  kind: 'text' | 'commands';
  lines: readonly string[];
}

/** The runbook's steps for one finding, its values filled in; left as they are where `values` is null. */
export function runbookSteps({ runbook }: Pick<Rule, 'runbook'>, values: RunbookValues | null): RunbookStep[] {
  const text = (lines: readonly string[]) => lines.map((line) => (values ? fill(line, values, String) : line));
  const commands = (lines: readonly string[]) => lines.map((line) => (values ? fill(line, values, quoted) : line));
  const steps: RunbookStep[] = [
    { title: 'Check', kind: 'text', lines: text(runbook.check) },
    { title: 'Act with Azure CLI', kind: 'commands', lines: commands(runbook.azureCli) },
    { title: 'Act in the portal', kind: 'text', lines: text(runbook.portal) },
    { title: 'Act in Terraform', kind: 'text', lines: text([runbook.terraform]) },
    { title: 'Verify', kind: 'text', lines: text(runbook.verify) },
    { title: 'Undo', kind: 'text', lines: text(runbook.undo) },
  ];
  return steps.filter(({ lines }) => lines.length > 0);
}

/** The placeholders that a runbook uses, without braces. */
export function placeholdersOf({ terraform, ...lists }: Runbook): string[] {
  const texts = [terraform, ...Object.values(lists).flat()];
  return [...new Set(texts.flatMap((line) => [...line.matchAll(PLACEHOLDER)].map((match) => match[1]!)))];
}

/** A rule as a page for its user. */
export function rulePage(rule: Rule): string {
  const thresholds = Object.entries(rule.thresholds);
  return [
    `# ${rule.title}`,
    rule.finds,
    `| | |\n|---|---|\n${[
      ['Rule', `\`${rule.id}\``],
      ['Category', rule.category],
      ['Action', rule.action],
      ['Impact, risk, effort', `${rule.impact.toLowerCase()}, ${rule.risk}, ${rule.effort}`],
      ['Looks at', rule.resourceTypes.map((type) => `\`${type}\``).join(', ')],
      ['Needs', rule.needs.join(', ') || 'the inventory alone'],
    ]
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n')}`,
    `**Savings.** ${rule.savings}`,
    rule.leavesOut.length > 0 && `**Left out:**\n\n${bullets(rule.leavesOut)}`,
    thresholds.length > 0 &&
      `**Thresholds**, which each tenant can move:\n\n| Name | Default | From | To | Meaning |\n|---|---|---|---|---|\n${thresholds
        .map(([name, t]) => `| \`${name}\` | ${t.default} ${t.unit} | ${t.minimum} | ${t.maximum} | ${t.meaning} |`)
        .join('\n')}`,
    '## What to do',
    ...runbookSteps(rule, null).map(stepSection),
    rule.links.length > 0 &&
      `## Further reading\n\n${bullets(rule.links.map(({ title, url }) => `[${title}](${url})`))}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('\n\n')
    .concat('\n');
}

/** All rules as one page, by what they are about. */
export function rulesIndex(rules: Iterable<Rule>): string {
  const all = [...rules];
  return [
    '# Rules',
    'Each is a folder with `rule.ts`, `rule.spec.ts` and this page’s details, and one line in [`rules.ts`](rules.ts). This page ' +
      'and theirs are written from the rules by `make pages`. How they become recommendations: ' +
      '[docs/recommendations.md](../../docs/recommendations.md).',
    ...CATEGORIES.map(
      (category) =>
        `## ${category[0]!.toUpperCase()}${category.slice(1)}\n\n| Rule | What it asks for | Savings |\n|---|---|---|\n${all
          .filter((rule) => rule.category === category)
          .map(({ id, title, savings }) => `| [${id}](${id}/README.md) | ${title} | ${savings} |`)
          .join('\n')}`,
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function stepSection({ title, kind, lines }: RunbookStep): string {
  const body = kind === 'commands' ? `\`\`\`sh\n${lines.join('\n')}\n\`\`\`` : bullets(lines);
  return `### ${title}\n\n${body}`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

const PLACEHOLDER = /\{([a-z_]+(?:\.[a-z0-9_]+)*)\}/g;

function fill(line: string, values: RunbookValues, shown: (value: string) => string): string {
  return line.replace(PLACEHOLDER, (whole, path: string) => {
    let value: unknown = values;
    for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
    return value === undefined || value === null ? whole : shown(plainText(value));
  });
}

function plainText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** As one word of a POSIX shell, whatever it holds: values come from Azure, where people choose names and tags. */
function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
