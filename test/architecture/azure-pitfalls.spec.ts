import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project.js';

const page = readFileSync(join(projectRoot, 'docs/azure-pitfalls.md'), 'utf8');
const REFERENCE = /`([^`›]+\.spec\.ts) › ([^`]+)`/g;
const referencesIn = (text: string) =>
  [...text.matchAll(REFERENCE)].map(([, file, title]) => ({ file: file!, title: title! }));
const rows = [...page.matchAll(/^\| (\d+) \| (.+?) \| (.*) \|$/gm)].map(([, number, pitfall, tests]) => ({
  number: Number(number),
  pitfall: pitfall!,
  tests: referencesIn(tests!),
  cell: tests!,
}));

/** Whether a file has a test, group or case of that name, as it is written there. */
function hasTitle(file: string, title: string): boolean {
  const source = readFileSync(join(projectRoot, file), 'utf8');
  const isQuoted = (text: string) => ["'", '"', '`'].some((quote) => source.includes(`${quote}${text}${quote}`));
  return isQuoted(title) || isQuoted(title.replaceAll("'", "\\'"));
}

describe('the page of pitfalls', () => {
  it('tells all of them, each with a test', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 26 }, (_, index) => index + 1));
    expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
    // Nothing but references stands beside them, so that none is overlooked for its spelling.
    expect(rows.filter(({ tests, cell }) => cell.split('<br>').length !== tests.length)).toEqual([]);
  });

  it('names tests that exist', () => {
    const named = referencesIn(page);
    expect(named.length).toBeGreaterThan(rows.length);
    expect(named.filter(({ file }) => !existsSync(join(projectRoot, file)))).toEqual([]);
    expect(named.filter(({ file, title }) => !hasTitle(file, title))).toEqual([]);
    expect(hasTitle('test/architecture/azure-pitfalls.spec.ts', ['no', 'such', 'test'].join(' '))).toBe(false);
  });
});
