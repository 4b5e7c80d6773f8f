import type { Clock } from '#core/clock.js';
import { ThrottledError } from '#core/errors.js';
import type { QuotaBudget } from '#core/quota.js';
import type { AzureRequest } from './azure-request.js';
import type { WireAnswer } from './http-attempt.js';
import { closuresOf, describeKey, drawsOf, exhaustedBy, readingsOf, type QuotaPolicy } from './quotas.js';
import type { RetryDecision } from './retry.js';
import { statedWaits, type AnswerHeaders } from './throttling.js';

/** A call that had to wait for room in a quota, inline or until its window comes back. */
export interface QuotaWait {
  connector: string;
  bucket: string;
  waitMs: number;
}

export interface QuotaGateOptions {
  budget: QuotaBudget;
  quotas: QuotaPolicy;
  clock: Clock;
  inlineWaitLimitMs: number;
  onQuotaWait: (wait: QuotaWait) => void;
}

/** Between a tenant's calls and Azure: lets each through when there is room, and keeps the books by the answers. */
export class QuotaGate {
  constructor(
    private readonly tenantId: string,
    private readonly options: QuotaGateOptions,
  ) {}

  /** Waits for room in the quotas, up to the inline limit; throws `ThrottledError` when it takes longer. */
  async admit({ quota, connector, signal }: AzureRequest): Promise<void> {
    const { budget, quotas, inlineWaitLimitMs, clock, onQuotaWait } = this.options;
    signal.throwIfAborted();
    const draws = drawsOf(quota.service, quota.scope, quotas);
    const { waitMs, key } = await budget.book(this.tenantId, draws, inlineWaitLimitMs);
    if (waitMs <= 0) return;
    const { title, bucket } = describeKey(key ?? '');
    onQuotaWait({ connector, bucket, waitMs });
    if (waitMs > inlineWaitLimitMs) {
      throw new ThrottledError(`Waiting for ${title} quota (${bucket}) until ${timeAfter(clock, waitMs)}.`, waitMs);
    }
    await clock.sleep(waitMs, signal);
  }

  /** What a good answer says about the quotas. */
  async note({ quota: { service, scope } }: AzureRequest, headers: AnswerHeaders): Promise<void> {
    const { budget, quotas } = this.options;
    if (quotas.limits === 'documented') await budget.correct(this.tenantId, readingsOf(service, scope, headers));
    const exhausted = quotas.limits === 'off' ? exhaustedBy(service, scope, headers) : null;
    if (exhausted) await budget.close(this.tenantId, exhausted.key, exhausted.ms);
  }

  /** After a refusal: the other workers need not find out for themselves. */
  async close({ quota }: AzureRequest, answer: WireAnswer, decision: RetryDecision): Promise<void> {
    const ms = decision.kind === 'wait' ? decision.waitMs : decision.kind === 'throttled' ? decision.retryAfterMs : 0;
    if (ms <= 0) return;
    const { budget, clock } = this.options;
    const waits = statedWaits(answer.status, answer.headers, clock.now());
    for (const closure of closuresOf(quota.service, quota.scope, waits, ms)) {
      await budget.close(this.tenantId, closure.key, closure.ms);
    }
  }
}

/** The time of day in so many milliseconds, for messages. */
export function timeAfter(clock: Clock, ms: number): string {
  return `${new Date(clock.now().getTime() + ms).toISOString().slice(11, 19)} UTC`;
}
