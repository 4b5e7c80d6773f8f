import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.js';

const only = process.env['ONLY']?.trim();
const files = globSync('test/bench/*.bench.ts', { cwd: projectRoot }).filter(
  (file) => !only || file === join('test', 'bench', `${only}.bench.ts`),
);

if (files.length === 0) {
  console.log(`There is no benchmark test/bench/${only}.bench.ts.`);
  process.exitCode = 1;
} else {
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'bench', ...files],
    { cwd: projectRoot, stdio: 'inherit', env: { ...process.env, AZCOPS_BENCH: 'on' } },
  );
  process.exitCode = status ?? 1;
}
