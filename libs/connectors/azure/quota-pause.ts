import type { Clock } from '#core/clock.js';
import { exhaustedQuotaMs, type AnswerHeaders } from './throttling.js';

/**
 * Holds a tenant's next call back while an answer has said that no call is left. Resource Graph allows 15 queries in
 * five seconds per principal and says on every answer how many remain: waiting is cheaper than being refused.
 */
export class QuotaPause {
  readonly #resumeAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Remembers what a successful answer says about the quota of `connector`. */
  note(connector: string, headers: AnswerHeaders): void {
    const waitMs = exhaustedQuotaMs(headers);
    if (waitMs !== null) this.#resumeAt.set(connector, this.clock.now().getTime() + waitMs);
  }

  /** Resolves once the quota is refilled; rejects with the signal's reason as soon as it aborts. */
  async wait(connector: string, signal: AbortSignal): Promise<void> {
    const waitMs = (this.#resumeAt.get(connector) ?? 0) - this.clock.now().getTime();
    if (waitMs > 0) await this.clock.sleep(waitMs, signal);
    this.#resumeAt.delete(connector);
  }
}
