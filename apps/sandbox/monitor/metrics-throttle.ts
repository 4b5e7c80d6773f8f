import type { Clock } from '#core/clock.js';
import { azureError } from '../http/exchange.js';

const PERIOD_MS = 30_000;
/** Calls of the metrics data plane per subscription in thirty seconds. */
export const METRICS_CALLS = 3_000;

interface Period {
  readonly endsAt: number;
  calls: number;
}

/** The data plane's limit. It is always reported in headers and, once enabled, enforced in real time. */
export class MetricsThrottle {
  isEnabled = false;
  /** How a refusal looks; the service answers 529 and, less often, 429. */
  refusalStatus: 429 | 529 = 529;
  private readonly periods = new Map<string, Period>();

  constructor(
    private readonly clock: Clock,
    public callsPerPeriod: number,
  ) {}

  setEnabled(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    this.periods.clear();
  }

  /** Headers of an admitted call; throws the refusal of one too many. */
  admit(subscriptionId: string): Record<string, string> {
    const now = this.clock.now().getTime();
    let period = this.periods.get(subscriptionId);
    if (!period || period.endsAt <= now) {
      period = { endsAt: now + PERIOD_MS, calls: 0 };
      if (this.isEnabled) this.periods.set(subscriptionId, period);
    }
    const isRefused = this.isEnabled && period.calls >= this.callsPerPeriod;
    if (!isRefused) period.calls++;
    const headers = {
      'x-rate-limit-limit': '30s',
      'x-rate-limit-remaining': String(Math.max(0, this.callsPerPeriod - period.calls)),
      'x-rate-limit-reset': new Date(period.endsAt).toISOString().replace('Z', '0000Z'),
    };
    if (!isRefused) return headers;
    throw azureError(
      this.refusalStatus,
      'TooManyRequests',
      `The number of requests for subscription '${subscriptionId}' has exceeded the limit of ${this.callsPerPeriod} in 30 seconds. Retry with an exponential backoff.`,
      { headers },
    );
  }
}
