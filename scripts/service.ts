import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type ChildOptions } from './child-process.js';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
// A process that lived this long did not fail because of what the last attempt failed of.
const STEADY_MS = 60_000;
/** EX_CONFIG: the configuration is wrong, so starting again cannot help. */
const configurationExitCode = 78;

export interface ServiceOptions extends ChildOptions {
  say: (line: string) => void;
  onStart: (child: Child) => void;
  onHopeless: (exitCode: number) => void;
}

/** A child process that is started again, with growing delays, whenever it ends by itself. */
export class Service {
  private child: Child;
  private stopping = new AbortController();

  constructor(private readonly options: ServiceOptions) {
    this.child = this.spawn();
    void this.watch();
  }

  /** Waits until the process works; throws with the end of its log if it gives up. */
  waitUntil(ready: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    return this.child.waitUntil(ready, timeoutMs);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.stopping.abort();
    await this.child.stop(timeoutMs);
  }

  kill(): void {
    this.stopping.abort();
    this.child.kill();
  }

  private spawn(): Child {
    const child = new Child(this.options);
    this.options.onStart(child);
    return child;
  }

  private async watch(): Promise<void> {
    const { name, say, onHopeless } = this.options;
    const { signal } = this.stopping;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
      await this.child.exited;
      if (signal.aborted) return;
      if (this.child.exitCode === configurationExitCode) return onHopeless(configurationExitCode);
      if (Date.now() - this.child.startedAt > STEADY_MS) delay = FIRST_DELAY_MS;
      say(`${name} ended by itself (${this.child.ending}); starting it again in ${delay / 1000} s.`);
      await sleep(delay, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      this.child = this.spawn();
    }
  }
}
