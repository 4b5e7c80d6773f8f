import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '#core/config.js';
import { addMonths, dayOf, monthEnd, monthStart, type Day } from '#core/day.js';
import { CostLedger } from '#db/ledger/cost-ledger.js';
import { TestIngestion } from '../../../test/harness/ingestion.js';
import { addTenant, charge, publish, type TestPublication } from '../../../test/harness/ledger.js';
import { keepHouse } from './housekeeping.js';

const THIS_MONTH = monthStart(dayOf(new Date()));
const ago = (months: number) => addMonths(THIS_MONTH, -months);

describe('keeping house', () => {
  let ingestion: TestIngestion;
  let tenantId: string;
  let tenants = 0;
  beforeAll(async () => void (ingestion = await TestIngestion.open()));
  afterAll(() => ingestion.end());
  beforeEach(async () => {
    await ingestion.logins.owner.pool.query(
      'TRUNCATE costs_monthly, cost_daily_totals, cost_tenant_totals, cost_datasets',
    );
    tenantId = await addTenant(ingestion.logins.owner, `house-${(tenants += 1)}`);
  });

  const keep = (retention: Partial<Config['retention']> = {}) =>
    keepHouse({
      ...ingestion.parts,
      config: {
        ...ingestion.parts.config,
        retention: { costMonths: null, metricDays: null, imports: [], ...retention },
      },
    });
  const rows = async (sql: string, values: unknown[] = []) =>
    (await ingestion.logins.owner.pool.query<Record<string, unknown>>(sql, values)).rows;
  const partitions = async () =>
    (
      await rows(`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'costs_monthly'::regclass`)
    ).map(({ name }) => String(name).slice(-7));
  const nameOf = (month: Day) => month.slice(0, 7).replace('-', '_');
  const publishMonth = (month: Day, changes: Partial<TestPublication> = {}) =>
    publish(new CostLedger(ingestion.logins.worker), {
      tenantId,
      month,
      charges: [charge({ day: month, billingMonth: month, cost: '1', amortizedCost: '1' })],
      ...changes,
    });
  const left = () =>
    rows(
      `SELECT s.source, f.day::text AS day FROM costs_daily f JOIN cost_datasets s ON s.tenant_id = f.tenant_id AND s.id = f.dataset_id
       ORDER BY 1, 2`,
    );

  it('has the partitions of this and the coming months ready', async () => {
    await keep();
    expect(await partitions()).toEqual(expect.arrayContaining([0, -1, -2, -3].map((months) => nameOf(ago(months)))));
  });

  it('keeps everything unless told otherwise', async () => {
    await publishMonth(ago(60));
    await keep();
    expect(await left()).toEqual([{ source: 'cost-management', day: ago(60) }]);
  });

  it('forgets months that are older, with their partition, sums, coverage and revisions', async () => {
    for (const month of [ago(3), ago(2)]) await publishMonth(month);
    await publishMonth(ago(3), { charges: [charge({ day: ago(3), billingMonth: ago(3), cost: '2' })] });
    expect(await rows('SELECT 1 FROM cost_day_revisions WHERE tenant_id = $1', [tenantId])).toHaveLength(1);
    await keep({ costMonths: 2 });
    expect(await left()).toEqual([{ source: 'cost-management', day: ago(2) }]);
    expect(await partitions()).not.toContain(nameOf(ago(3)));
    const month = (table: string) => rows(`SELECT DISTINCT date_trunc('month', day)::date::text AS m FROM ${table}`);
    expect(await month('cost_daily_totals')).toEqual([{ m: ago(2) }]);
    expect(await rows('SELECT month::text FROM cost_datasets')).toEqual([{ month: ago(2) }]);
    expect(await rows('SELECT 1 FROM cost_day_revisions WHERE tenant_id = $1', [tenantId])).toEqual([]);
    const sums = await rows('SELECT sum(cost)::text AS cost FROM cost_tenant_totals');
    expect(sums).toEqual([{ cost: '1' }]);
    // Again, and by two workers at once, nothing more happens.
    await Promise.all([keep({ costMonths: 2 }), keep({ costMonths: 2 })]);
    expect(await left()).toHaveLength(1);
  });

  it('leaves imports alone unless they are named, and what was read beside them goes all the same', async () => {
    const file = { source: 'focus-file', subscriptionId: null, billingAccountId: 'account' };
    const old = ago(5);
    await publishMonth(old);
    await publishMonth(old, {
      ...file,
      charges: [
        charge({ day: old, billingMonth: old, billingAccountId: 'account', subscriptionId: 'other', cost: '3' }),
      ],
    });
    await keep({ costMonths: 3 });
    expect(await left()).toEqual([{ source: 'focus-file', day: old }]);
    await keep({ costMonths: 3, imports: ['focus-file'] });
    expect(await left()).toEqual([]);
    expect(await partitions()).not.toContain(nameOf(old));
  });

  it('moves the version of the data with late charges, whose month stays', async () => {
    const [month, earlier] = [ago(2), ago(3)];
    await publishMonth(month, {
      charges: [earlier, month].map((day) => charge({ day, billingMonth: month, cost: '1' })),
      whole: true,
    });
    const version = async () =>
      (await rows('SELECT sum(version)::text AS version FROM data_versions WHERE tenant_id = $1', [tenantId]))[0]!;
    const before = await version();
    await keep({ costMonths: 2 });
    expect(await left()).toEqual([{ source: 'cost-management', day: month }]);
    expect(await version()).not.toEqual(before);
  });

  it('leaves alone what is imported meanwhile, and forgets exports by the beginning of their name', async () => {
    const old = ago(5);
    const file = { source: 'azure-export/billing/daily', subscriptionId: null, billingAccountId: 'account' };
    let keeping: Promise<void> | undefined;
    await publishMonth(old, {
      ...file,
      charges: [charge({ day: old, billingMonth: old, billingAccountId: 'account', cost: '7' })],
      exclusive: true,
      checkpoint: async () => {
        keeping = keep({ costMonths: 3 });
        await expect
          .poll(() => rows(`SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`))
          .toHaveLength(1);
      },
    });
    await keeping;
    expect(await left()).toEqual([{ source: 'azure-export/billing/daily', day: old }]);
    await keep({ costMonths: 3, imports: ['azure-exports'] });
    expect(await left()).toHaveLength(1);
    await keep({ costMonths: 3, imports: ['azure-export'] });
    expect(await left()).toEqual([]);
  });

  it('makes nobody wait for a reader that takes long, and forgets the month another time', async () => {
    await publishMonth(ago(5));
    const reader = await ingestion.logins.owner.pool.connect();
    try {
      await reader.query('BEGIN; SELECT 1 FROM costs_monthly LIMIT 1');
      await keep({ costMonths: 3 });
      expect(await left()).toHaveLength(1);
      // As a month that comes new does not wait for it either.
      await publishMonth(ago(70));
      expect(await left()).toHaveLength(2);
    } finally {
      await reader.query('ROLLBACK');
      reader.release();
    }
    await keep({ costMonths: 3 });
    expect(await left()).toEqual([]);
  });

  it('lets a publication make a month again that was forgotten before its charges came', async () => {
    const old = ago(5);
    await publishMonth(old);
    const { pool } = ingestion.logins.owner;
    const retention = await pool.connect();
    try {
      await retention.query(`SELECT pg_advisory_lock(hashtextextended('azcops.retention', 0))`);
      const publishing = publishMonth(old);
      await expect
        .poll(() => rows(`SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`))
        .toHaveLength(1);
      await pool.query(`DROP TABLE costs_monthly_${nameOf(old)}`);
      await retention.query(`SELECT pg_advisory_unlock(hashtextextended('azcops.retention', 0))`);
      await publishing;
    } finally {
      retention.release();
    }
    expect(await left()).toHaveLength(1);
  });

  it('does not split a month: the last one to keep is kept to its first day', async () => {
    const month = ago(2);
    await publishMonth(month, {
      charges: [month, monthEnd(month)].map((day) => charge({ day, billingMonth: month, cost: '1' })),
    });
    await keep({ costMonths: 2 });
    expect(await left()).toHaveLength(2);
  });

  it('forgets metrics that are too old, and those of resources that are gone', async () => {
    const insert = async (name: string, age: string, deleted: boolean) => {
      await rows(
        `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, first_seen_at, last_seen_at, deleted_at)
         VALUES ($1, $2, $2, 's1', $2, 'vm', now(), now(), CASE WHEN $3::boolean THEN now() END)`,
        [tenantId, name, deleted],
      );
      await rows(
        `INSERT INTO resource_metrics (tenant_id, resource_id, metric, subscription_id, resource_type, unit, from_at, to_at,
                                       interval_minutes, sample_count, coverage)
         VALUES ($1, $2, 'Percentage CPU', 's1', 'vm', 'Percent', now() - interval '1 year', now() - $3::interval, 60, 1, 1)`,
        [tenantId, name, age],
      );
    };
    await insert('/fresh', '1 day', false);
    await insert('/stale', '94 days', false);
    await insert('/gone', '1 day', true);
    const kept = async () =>
      (await rows('SELECT resource_id AS id FROM resource_metrics WHERE tenant_id = $1 ORDER BY 1', [tenantId])).map(
        ({ id }) => id,
      );
    const version = async () =>
      (await rows('SELECT sum(version)::int AS v FROM data_versions WHERE tenant_id = $1', [tenantId]))[0]!['v'];
    const before = await version();
    await keep();
    expect(await kept()).toEqual(['/fresh', '/stale']);
    // Whoever has the old list is told that there is a new one.
    expect(await version()).not.toBe(before);
    await keep({ metricDays: 93 });
    expect(await kept()).toEqual(['/fresh']);
  });

  it('is not configured to forget what the next run would read again', () => {
    const load = () => loadConfig([], { RETENTION_COST_MONTHS: '2', INGESTION_BACKFILL_MONTHS: '3' });
    expect(load).toThrow('RETENTION_COST_MONTHS: is less than INGESTION_BACKFILL_MONTHS');
    expect(loadConfig([], { RETENTION_IMPORTS: 'focus-file, x' }).retention).toEqual({
      costMonths: null,
      metricDays: null,
      imports: ['focus-file', 'x'],
    });
  });
});
