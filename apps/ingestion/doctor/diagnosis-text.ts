import { countSeverities, exitCodeOf, grantCommand, severityOf, type CheckGroup, type Severity } from './diagnosis.js';

/** What stands in front of a line. */
type Marks = Readonly<Record<Severity, string>>;

const SIGNS: Marks = { ok: '✓', skipped: '–', limited: '!', failed: '✗' };
/** For files and pipes, where people search for words. */
const WORDS: Marks = { ok: 'ok     ', skipped: 'skipped', limited: 'limited', failed: 'FAILED ' };

const VERDICTS = {
  0: 'Everything works.',
  1: 'AzCops cannot work like this.',
  2: 'Something is limited.',
} as const;

/** Writes groups and the summary for people: a line per check, and below it what to do. */
export class DiagnosisText {
  readonly #marks: Marks;
  readonly #width: number;

  /** `names` are those of all checks that may come, for the columns; `isTerminal` chooses signs over words. */
  constructor(names: readonly string[], isTerminal: boolean) {
    this.#marks = isTerminal ? SIGNS : WORDS;
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  group({ title, checks, clientId }: CheckGroup): string {
    const indent = ' '.repeat(2 + this.#marks.ok.length + 1 + this.#width + 2);
    const lines = checks.flatMap((check) => {
      const { name, subject, reason, action } = check;
      const text = subject === '' ? reason : `${subject}: ${reason}`;
      const below = [action, grantCommand(check, clientId)].filter((line) => line !== null);
      return [
        `  ${this.#marks[severityOf(check)]} ${name.padEnd(this.#width)}  ${text}`,
        ...below.map((line) => `${indent}${line}`),
      ];
    });
    return [title, ...lines, ''].map(printable).join('\n');
  }

  summary(groups: readonly CheckGroup[]): string {
    const counts = countSeverities(groups);
    const parts = [`${counts.ok} ok`];
    if (counts.limited > 0) parts.push(`${counts.limited} limited`);
    if (counts.failed > 0) parts.push(`${counts.failed} failed`);
    if (counts.skipped > 0) parts.push(`${counts.skipped} not asked`);
    return `${VERDICTS[exitCodeOf(groups)]} ${parts.join(', ')}.`;
  }
}

/** What Azure says must not move the cursor of a terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ');
}
