import type { Clock } from '#core/clock.js';
import type { QuotaBooking, QuotaBudget, QuotaDraw, QuotaReading } from '#core/quota.js';

/** A budget without limits that notes what it is asked and told; only closed quotas make calls wait. */
export class FakeBudget implements QuotaBudget {
  readonly booked: QuotaDraw[][] = [];
  readonly readings: QuotaReading[] = [];
  readonly closed = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  async book(_tenantId: string, draws: readonly QuotaDraw[], maxWaitMs: number): Promise<QuotaBooking> {
    const now = this.clock.now().getTime();
    let booking: QuotaBooking = { waitMs: 0, key: null };
    for (const { key } of draws) {
      const waitMs = (this.closed.get(key) ?? 0) - now;
      if (waitMs > booking.waitMs) booking = { waitMs, key };
    }
    if (booking.waitMs <= maxWaitMs) this.booked.push([...draws]);
    return booking;
  }

  async correct(_tenantId: string, readings: readonly QuotaReading[]): Promise<void> {
    this.readings.push(...readings);
  }

  async close(_tenantId: string, key: string, ms: number): Promise<void> {
    this.closed.set(key, this.clock.now().getTime() + ms);
  }

  async room(): Promise<number | null> {
    return null;
  }
}
