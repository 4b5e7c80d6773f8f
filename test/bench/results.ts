import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/project.js';

const FILE = join(projectRoot, 'bench-results.json');

/** Prints what a benchmark measured and keeps it in bench-results.json, beside those of other benchmarks. */
export function report(benchmark: string, measured: Readonly<Record<string, unknown>>): void {
  const results = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>) : {};
  results[benchmark] = { ...measured };
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
  const width = Math.max(...Object.keys(measured).map((name) => name.length));
  const lines = Object.entries(measured).map(([name, value]) => `  ${name.padEnd(width)}  ${String(value)}`);
  process.stdout.write(`${benchmark}\n${lines.join('\n')}\n`);
}
