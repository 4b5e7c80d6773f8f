import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { QuotaDraw } from '#core/quota.js';
import { addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { DatabaseQuotaBudget } from './database-quota-budget.js';

const draw = (changes: Partial<QuotaDraw> = {}): QuotaDraw => ({
  key: 'minute',
  units: 1,
  limit: 4,
  periodMs: 60_000,
  ...changes,
});

describe('a quota budget in the database', () => {
  let logins: TestLogins;
  let tenantId: string;
  let tenants = 0;
  /** Two workers. */
  let budget: DatabaseQuotaBudget;
  let other: DatabaseQuotaBudget;
  beforeAll(async () => {
    logins = await openTestLogins();
    budget = new DatabaseQuotaBudget(logins.worker);
    other = new DatabaseQuotaBudget(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => void (tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`)));

  const book = (...draws: QuotaDraw[]) => budget.book(tenantId, draws, 5_000);
  /** Makes everything booked so far older. */
  const age = (seconds: number) =>
    logins.owner.pool.query(
      `UPDATE quota_uses SET at = at - make_interval(secs => $2), expires_at = expires_at - make_interval(secs => $2)
       WHERE tenant_id = $1`,
      [tenantId, seconds],
    );
  const units = async () =>
    (await budget.state()).filter((row) => row.tenant_id === tenantId).map(({ key, units: used }) => [key, used]);

  it('lets through what fits and says when the next will', async () => {
    for (let call = 0; call < 4; call += 1) expect(await book(draw())).toEqual({ waitMs: 0, key: null });
    const refused = await book(draw());
    expect(refused.key).toBe('minute');
    expect(refused.waitMs).toBeGreaterThan(59_000);
    expect(refused.waitMs).toBeLessThanOrEqual(60_000);
    // What was refused is not booked.
    expect(await units()).toEqual([['minute', 4]]);
    await age(57);
    const soon = await book(draw());
    expect(soon.waitMs).toBeGreaterThan(1_000);
    expect(soon.waitMs).toBeLessThanOrEqual(3_000);
    await age(10);
    expect((await book(draw())).waitMs).toBe(0);
  });

  it('waits for the slowest of several quotas and books in all of them', async () => {
    const both = [draw({ key: 'fast', limit: 1, periodMs: 1_000 }), draw({ key: 'slow', limit: 1, periodMs: 3_000 })];
    await book(...both);
    const second = await book(...both);
    expect(second.key).toBe('slow');
    expect(second.waitMs).toBeGreaterThan(2_000);
    expect(await units()).toEqual(
      expect.arrayContaining([
        ['fast', 2],
        ['slow', 2],
      ]),
    );
  });

  it('never lets more through than the limit in any period, however many workers ask at once', async () => {
    const asked = Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? budget : other).book(tenantId, [draw({ limit: 7, periodMs: 1_000 })], 2_500),
    );
    const waits = (await Promise.all(asked)).map(({ waitMs }) => waitMs).filter((waitMs) => waitMs <= 2_500);
    const { rows } = await logins.owner.pool.query<{ at: Date }>(
      'SELECT at FROM quota_uses WHERE tenant_id = $1 ORDER BY at',
      [tenantId],
    );
    const times = rows.map(({ at }) => at.getTime());
    expect(times).toHaveLength(waits.length);
    expect(times.length).toBeGreaterThanOrEqual(7);
    for (const [index, time] of times.entries()) {
      if (index >= 7) expect(time - times[index - 7]!).toBeGreaterThanOrEqual(999);
    }
  });

  it('counts use by others where the source says so, once', async () => {
    await book(draw());
    const reading = { key: 'minute', used: 3, periodMs: 60_000 };
    await budget.correct(tenantId, [reading]);
    await budget.correct(tenantId, [reading]);
    expect(await units()).toEqual([['minute', 3]]);
    await book(draw());
    expect((await book(draw())).waitMs).toBeGreaterThan(50_000);
    // A source that counts less than we do is not believed: it may not have seen all of our calls yet.
    await budget.correct(tenantId, [{ ...reading, used: 1 }]);
    expect(await units()).toEqual([['minute', 4]]);
  });

  it('counts use by others once, however many answers tell of it at the same time', async () => {
    const reading = { key: 'minute', used: 3, periodMs: 60_000 };
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => (index % 2 ? budget : other).correct(tenantId, [reading])),
    );
    expect(await units()).toEqual([['minute', 3]]);
  });

  it('keeps a closed quota closed for everyone, limits or not', async () => {
    await other.close(tenantId, 'minute', 90_000);
    await other.close(tenantId, 'minute', 1_000);
    expect((await book(draw({ limit: null }))).waitMs).toBeGreaterThan(80_000);
    expect((await book(draw({ key: 'another' }))).waitMs).toBe(0);
    const neighbour = await addTenant(logins.owner, 'neighbour');
    expect((await budget.book(neighbour, [draw()], 5_000)).waitMs).toBe(0);
  });

  it('keeps no closure that is over once there is another, of this tenant', async () => {
    const neighbour = await addTenant(logins.owner, 'neighbour-of-closures');
    const closures = async (tenant: string) => {
      const { rows } = await logins.owner.pool.query<{ key: string }>(
        'SELECT key FROM quota_closures WHERE tenant_id = $1 ORDER BY key',
        [tenant],
      );
      return rows.map(({ key }) => key);
    };
    for (const tenant of [tenantId, neighbour]) {
      for (const key of ['over', 'over-too']) await budget.close(tenant, key, -1_000);
    }
    await budget.close(tenantId, 'lasting', 60_000);
    await Promise.all(['a', 'b', 'c'].map((key, index) => (index % 2 ? budget : other).close(tenantId, key, 60_000)));
    expect(await closures(tenantId)).toEqual(['a', 'b', 'c', 'lasting']);
    await budget.close(tenantId, 'a', -1_000);
    expect(await closures(tenantId)).toContain('a');
    expect(await closures(neighbour)).toContain('over-too');
  });

  it('does not count calls where no limit is known, and heeds its closure beside limits', async () => {
    const unlimited = draw({ key: 'tenant', limit: null, periodMs: 0 });
    expect((await book(draw(), unlimited)).waitMs).toBe(0);
    expect(await units()).toEqual([['minute', 1]]);
    await other.close(tenantId, 'tenant', 60_000);
    expect(await book(draw(), unlimited)).toMatchObject({ key: 'tenant', waitMs: expect.closeTo(60_000, -4) });
    expect((await book(draw())).waitMs).toBe(0);
  });

  it('knows how many calls fit into the coming hour', async () => {
    const hour = draw({ key: 'hour', limit: 10, periodMs: 3_600_000 });
    const minute = draw({ key: 'minute', limit: 4 });
    expect(await budget.room(tenantId, [hour, minute], 3_600_000)).toBe(10);
    await book(hour);
    await book(hour);
    expect(await budget.room(tenantId, [hour, minute], 3_600_000)).toBe(8);
    expect(await budget.room(tenantId, [{ ...hour, units: 2 }], 3_600_000)).toBe(4);
    const unlimited = draw({ key: 'tenant', limit: null, periodMs: 0 });
    expect(await budget.room(tenantId, [hour, unlimited], 3_600_000)).toBe(8);
    expect(await budget.room(tenantId, [unlimited], 3_600_000)).toBeNull();
  });

  it('forgets what no longer counts', async () => {
    await book(draw());
    await age(120);
    await book(draw());
    expect(await units()).toEqual([['minute', 1]]);
  });
});
