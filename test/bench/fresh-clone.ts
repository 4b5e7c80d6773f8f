import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../scripts/free-port.js';
import { projectRoot } from '../../scripts/project.js';
import { guard } from '../harness/processes.js';

/** Seconds of each part of a first start, one after the other, and of all. */
export interface FirstStart {
  clone: number;
  dependencies: number;
  build: number;
  /** Database, schema, sandbox, API. */
  answers: number;
  ingestion: number;
  total: number;
}

const PATIENCE_MS = 10 * 60_000;
const STOP_MS = 20_000;
/** What this process was told must not lead a first start elsewhere. */
const OURS = /^(AZCOPS|AZURE|DATABASE|VITEST|MAKE|MFLAGS|AUTH|SANDBOX|METRICS)|^(NODE_ENV|ARGS|ONLY|HOST|PORT)$/;

/** Why a first start cannot be tried here, or null. */
export function whyNoFirstStart(): string | null {
  if (spawnSync('git', ['rev-parse', 'HEAD'], { cwd: projectRoot }).status !== 0) return 'this is no clone of git';
  if (spawnSync('npm', ['ping'], { env: environment(), timeout: 30_000 }).status !== 0)
    return 'npm reaches no registry';
  return null;
}

/**
 * What a newcomer does, `git clone` and `make dev`, in a folder of its own and on free ports, with npm's cache filled
 * before. Ends what it has started and removes the folder.
 */
export async function firstStart(): Promise<FirstStart> {
  const folder = mkdtempSync(join(tmpdir(), 'azcops-clone-'));
  // PostgreSQL may run under an account of its own, which has to get to its data.
  chmodSync(folder, 0o711);
  try {
    await fillCache(join(folder, 'cache'));
    const startedAt = performance.now();
    await run('git', ['clone', '--quiet', projectRoot, join(folder, 'azcops')], folder);
    const cloned = performance.now();
    const marks = await makeDev(join(folder, 'azcops'));
    const seconds = (from: number, to: number) => (to - from) / 1_000;
    return {
      clone: seconds(startedAt, cloned),
      dependencies: seconds(cloned, marks.installed),
      build: seconds(marks.installed, marks.built),
      answers: seconds(marks.built, marks.answered),
      ingestion: seconds(marks.answered, marks.ready),
      total: seconds(startedAt, marks.ready),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same installation once before, so that the network is not what is measured. */
async function fillCache(folder: string): Promise<void> {
  mkdirSync(folder);
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(join(projectRoot, file), join(folder, file));
  }
  await run('npm', ['ci', '--include=dev', '--include=optional', '--ignore-scripts'], folder);
  rmSync(folder, { recursive: true });
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}.`);
}

/** When `make dev` had installed, built, answered its first request, and said that it is ready. */
async function makeDev(cwd: string): Promise<Record<'installed' | 'built' | 'answered' | 'ready', number>> {
  const port = await findFreePort();
  const child = spawn('make', ['dev', `PORT=${port}`], {
    cwd,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // The group is make and what waits for it; the rest stops once that is gone.
    detached: true,
  });
  guard('+', -child.pid!);
  const marks = { installed: 0, built: 0, answered: 0, ready: 0 };
  const said: string[] = [];
  let ended = false;
  child.once('close', () => (ended = true));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      if (line.startsWith('Dependencies installed')) marks.installed = performance.now();
      if (line.startsWith('Starting the database')) marks.built = performance.now();
      if (line.startsWith('AzCops is ready')) marks.ready = performance.now();
    });
  }
  try {
    for (const deadline = Date.now() + PATIENCE_MS; !marks.ready; await sleep(20)) {
      if (ended || Date.now() > deadline) throw new Error(`make dev did not get ready.\n${said.join('\n')}`);
      if (marks.built && !marks.answered && (await answers(port))) marks.answered = performance.now();
    }
    if (!said.some((line) => line.startsWith('First ingestion: succeeded'))) {
      throw new Error(`The first ingestion did not succeed.\n${said.join('\n')}`);
    }
    return marks;
  } finally {
    await stop(child);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    process.kill(-child.pid!, 'SIGTERM');
    const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), STOP_MS);
    await once(child, 'close');
    clearTimeout(late);
  }
  guard('-', -child.pid!);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get(`http://127.0.0.1:${port}/health/ready`, (response) => resolve(response.resume().statusCode === 200)).on(
      'error',
      () => resolve(false),
    );
  });
}

/** This machine's, without what is ours: a newcomer's Node is the one of the machine. */
function environment(): NodeJS.ProcessEnv {
  const path = process.env['PATH']!.split(delimiter).filter((folder) => !folder.startsWith(projectRoot));
  const own = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter) };
}
