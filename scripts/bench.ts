import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.js';

const only = process.env['ONLY']?.trim();
const files = globSync('test/bench/*.bench.ts', { cwd: projectRoot }).filter(
  (file) => !only || file === join('test', 'bench', `${only}.bench.ts`),
);

if (files.length === 0) {
  console.log(
    only ? `There is no benchmark test/bench/${only}.bench.ts.` : 'There are no benchmarks (test/bench/*.bench.ts).',
  );
  process.exitCode = only ? 1 : 0;
} else {
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'bench', '--run', ...files], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
