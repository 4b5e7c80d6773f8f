import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import path, { join } from 'node:path';
import { beforeEach } from 'vitest';
import { projectRoot } from '../../scripts/project.js';

/** How long a busy machine may take to answer or to start something. */
export const PATIENCE_MS = 30_000;
const TAIL_LINES = 25;
/** Variables of this machine that a program needs to run at all; nothing else of the caller's environment is passed on. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ'];

/** The same programs start dozens of times. */
const COMPILE_CACHE = join(projectRoot, 'node_modules', '.cache', 'azcops-tests');

/** How a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  name: string;
  /** Compiled script, relative to the repository. */
  script: string;
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Instead of the running Node. */
  program?: string;
  /** Instead of the repository. */
  cwd?: string;
  /** Account that it runs under. */
  uid?: number;
  gid?: number;
}

const started: TestProcess[] = [];

/** A built process under test: output captured, signals of all kinds, and never left behind. */
export class TestProcess {
  readonly name: string;
  readonly exited: Promise<Ending>;
  /** Both streams, line by line in the order of their arrival. */
  readonly lines: string[] = [];
  stdout = '';
  stderr = '';
  private ending: Ending | null = null;
  private readonly child: ChildProcess;

  constructor({ name, script, args = [], env = {}, program = process.execPath, ...context }: ProcessOptions) {
    this.name = name;
    const inherited = Object.fromEntries(INHERITED.map((key) => [key, process.env[key]]));
    this.child = spawn(program, [path.resolve(projectRoot, script), ...args], {
      cwd: projectRoot,
      ...context,
      env: { ...inherited, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(this);
    guard('+', this.pid);
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.lines.push(line);
      this.stdout += `${line}\n`;
    });
    createInterface({ input: this.child.stderr! }).on('line', (line) => {
      this.lines.push(line);
      this.stderr += `${line}\n`;
    });
    this.exited = new Promise((resolve) => {
      // Comes once all output has been read.
      this.child.once('close', (code, signal) => {
        this.ending = { code, signal };
        guard('-', this.pid);
        resolve(this.ending);
      });
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Its exit code; null while it runs, and when a signal ended it. */
  get code(): number | null {
    return this.ending?.code ?? null;
  }

  get isRunning(): boolean {
    return this.ending === null;
  }

  /** The lines of its log, parsed. */
  get log(): Record<string, unknown>[] {
    return this.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The end of its output, for people. */
  get tail(): string {
    const state = this.ending ? `ended with ${this.ending.code ?? this.ending.signal}` : `pid ${this.pid}`;
    return `--- ${this.name} (${state})\n${this.lines.slice(-TAIL_LINES).join('\n')}`;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) process.kill(this.pid, signal);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Asks it to stop; what does not within ten seconds is killed. */
  async stop(): Promise<Ending> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), 10_000);
    return this.exited.finally(() => clearTimeout(late));
  }

  /** The first line of its log that matches, as soon as it is there; throws with the end of the output otherwise. */
  async logged(
    matches: (line: Record<string, unknown>) => boolean,
    timeoutMs = PATIENCE_MS,
  ): Promise<Record<string, unknown>> {
    for (const deadline = Date.now() + timeoutMs; ; await sleep(20)) {
      const line = this.log.find(matches);
      if (line) return line;
      if (!this.isRunning || Date.now() > deadline) throw new Error(`${this.name} did not say so.\n${this.tail}`);
    }
  }
}

/** Polls until `probe` answers something; throws after the deadline, naming what was waited for. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(100)) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`);
  }
}

/** Prints the end of the output of every process that this file has started when one of its tests fails. */
export function showLogsOfFailures(): void {
  const before = started.length;
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      for (const each of started.slice(before)) console.error(each.tail);
    });
  });
}

const GUARD = `
  const pids = new Set();
  require('node:readline').createInterface({ input: process.stdin })
    .on('line', (line) => (line[0] === '+' ? pids.add(Number(line.slice(1))) : pids.delete(Number(line.slice(1)))))
    .on('close', () => { for (const pid of pids) try { process.kill(pid, 'SIGKILL'); } catch {} });`;

let guardian: ChildProcess | undefined;

/** Tells a process that outlives this one what to end should this one be killed before it could clean up. */
export function guard(change: '+' | '-', pid: number): void {
  if (!guardian) {
    guardian = spawn(process.execPath, ['-e', GUARD], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guardian.unref();
    (guardian.stdin as unknown as { unref(): void }).unref();
    guardian.stdin!.on('error', () => {});
  }
  guardian.stdin!.write(`${change}${pid}\n`);
}
