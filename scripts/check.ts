import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.js';

interface Step {
  name: string;
  program?: string;
  args: string[];
  /** Why the step cannot run here; it then counts as passed and is named. */
  skipped?: string;
}

const folders = ['apps', 'libs', 'migrations', 'scripts', 'test'];

const steps: Step[] = [
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--deny-warnings'] },
  { name: 'types', args: ['node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'import rules', args: ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', ...folders] },
  // The build's configuration knows dist/, to which package.json#imports lead, as the compiled form of the sources.
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress', '--tsConfig', 'tsconfig.build.json'] },
  { name: 'docs/openapi.json', args: ['dist/apps/api/openapi.js', '--check'] },
  { name: '.env.example', args: ['dist/scripts/check-env-example.js'] },
  {
    name: 'terraform format',
    program: 'terraform',
    args: ['fmt', '-check', '-diff', '-recursive', 'infra'],
    skipped: terraformAbsence(),
  },
];

function terraformAbsence(): string | undefined {
  if (!existsSync(join(projectRoot, 'infra'))) return 'there is no infra/';
  return spawnSync('terraform', ['version'], { stdio: 'ignore' }).error ? 'terraform is not installed' : undefined;
}

/** Runs one step and prints one line about it, with what it said if it failed; answers whether it passed. */
async function run({ name, program = process.execPath, args, skipped }: Step): Promise<boolean> {
  if (skipped) {
    console.log(`skipped  ${name}: ${skipped}`);
    return true;
  }
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const passed = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(error.message));
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${passed ? 'ok     ' : 'FAILED '}  ${name}, ${seconds} s`);
  if (!passed) console.log(Buffer.concat(output).toString('utf8').trimEnd().replaceAll(/^/gm, '    '));
  return passed;
}

const waiting = [...steps];
const failed: string[] = [];

async function work(): Promise<void> {
  for (let step = waiting.shift(); step; step = waiting.shift()) if (!(await run(step))) failed.push(step.name);
}

// Two at a time: most steps use a single core.
await Promise.all([work(), work()]);
const skipped = steps.filter((step) => step.skipped).length;
const names = failed.length ? ` (${failed.join(', ')})` : '';
console.log(
  `Check: ${steps.length - failed.length - skipped} passed, ${failed.length} failed${names}, ${skipped} skipped`,
);
process.exitCode = failed.length ? 1 : 0;
