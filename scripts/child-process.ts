import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from './project.js';

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;
const LAST_WORDS_LINES = 15;

export interface ChildOptions {
  name: string;
  /** Compiled script, relative to the repository. */
  script: string;
  args?: string[];
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** Receives warnings and errors, one line each. */
  mirror?: (line: string) => void;
  onLine?: (line: string) => void;
}

/** A process of ours that runs in the background and writes its output to a file. */
export class Child {
  readonly name: string;
  readonly startedAt = Date.now();
  readonly exited: Promise<void>;
  /** How it ended, in words; null while it runs. */
  ending: string | null = null;
  private readonly child: ChildProcess;
  private readonly logFile: string;
  private readonly logStart: number;

  constructor({ name, script, args = [], env, logFile, mirror, onLine }: ChildOptions) {
    this.name = name;
    mkdirSync(dirname(logFile), { recursive: true });
    const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    this.logFile = logFile;
    this.logStart = size > LOG_LIMIT_BYTES ? 0 : size;
    const log = createWriteStream(logFile, { flags: this.logStart === size ? 'a' : 'w', mode: 0o600 });
    // A session of its own: Ctrl-C in the terminal reaches the supervisor, which then stops everything in order.
    this.child = spawn(process.execPath, [join(projectRoot, script), ...args], {
      cwd: projectRoot,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        onLine?.(line);
        if (stream === this.child.stderr ? !isNodeNotice(line) : isWarning(line)) mirror?.(`[${name}] ${line}`);
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => (this.ending ??= error.message));
      this.child.once('exit', (code, signal) => (this.ending ??= signal ?? `exit code ${code}`));
      // Comes after `error` too, and only when all output has been read.
      this.child.once('close', () => log.end(resolve));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  /** Asks the process to stop and waits; a process that takes too long is killed. */
  async stop(timeoutMs = 4000): Promise<void> {
    if (this.ending === null) this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    await this.exited;
    clearTimeout(late);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private lastWords(): string {
    const written = readFileSync(this.logFile).subarray(this.logStart).toString('utf8');
    return written.trimEnd().split('\n').slice(-LAST_WORDS_LINES).join('\n');
  }

  /** Resolves when `ready` does; throws with the last words of the log when the process ends before. */
  async waitUntil(ready: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; !(await ready()); await sleep(100)) {
      if (this.ending !== null) await this.exited;
      const trouble = this.ending ?? (Date.now() > deadline ? `not ready after ${timeoutMs / 1000} s` : null);
      if (trouble) throw new ChildFailure(this.name, trouble, this.exitCode, this.lastWords());
    }
  }
}

/** A process of ours did not start; carries its exit code, so that 78 (bad configuration) is passed on. */
export class ChildFailure extends Error {
  constructor(
    name: string,
    trouble: string,
    readonly exitCode: number | null,
    lastWords: string,
  ) {
    super(`${name} did not start (${trouble}). Its last words:\n${lastWords}`);
  }
}

/** pino writes levels from 40 on for warnings, as a number in JSON and as a word when pretty. */
function isWarning(line: string): boolean {
  return /"level":"?([4-9]\d|warn|error|fatal)\b/.test(line) || /^(\[[^\]]*\] )?\S*(WARN|ERROR|FATAL)\b/.test(line);
}

function isNodeNotice(line: string): boolean {
  return line.trim() === '' || /^\(node:\d+\)|^\(Use `node --trace/.test(line);
}
