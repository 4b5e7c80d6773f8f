import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConflictError } from '#core/errors.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import {
  addTenant,
  charge,
  connectTo,
  openTestLogins,
  publish,
  publishFile,
  stageCharges,
  type TestLogins,
} from '../../../test/harness/ledger.js';
import { CostLedger } from './cost-ledger.js';

let logins: TestLogins;
let ledger: CostLedger;
let tenantId: string;
let tenants = 0;

beforeAll(async () => {
  logins = await openTestLogins();
  ledger = new CostLedger(logins.worker);
});
afterAll(() => logins.close());
// A tenant of its own keeps every test apart from the others.
beforeEach(async () => void (tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`)));
afterEach(() => expectRollupToEqualFacts());

const read = <Row extends object>(sql: string, values: unknown[] = []) =>
  logins.worker.query<Row>(oneTenant(tenantId), sql, values);
const run = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
const days = (from: number, to = from) => ({
  from: `2026-04-${String(from).padStart(2, '0')}`,
  to: `2026-04-${String(to).padStart(2, '0')}`,
});
const on = (day: number, cost: string | null, changes: Parameters<typeof charge>[0] = {}) =>
  charge({ day: days(day).from, cost, ...changes });

/** The ledger as people read it: one line per record. */
const facts = async (columns = 'day, resource_id, currency') =>
  (
    await read<{ line: string }>(
      `SELECT concat_ws(' ', ${columns}, coalesce(trim_scale(sum(cost))::text, 'null'),
              coalesce(trim_scale(sum(amortized_cost))::text, 'null')) AS line
       FROM costs_daily_flat GROUP BY ${columns} ORDER BY ${columns}`,
    )
  ).map(({ line }) => line);

/** Revisions as `day subscription currency: old cost/amortized/rows -> new … by run`. */
const revisions = async () =>
  (
    await read<{ line: string }>(
      `SELECT format('%s %s %s: %s/%s/%s -> %s/%s/%s by %s', day, subscription_id, currency,
                     coalesce(trim_scale(old_cost)::text, '-'), coalesce(trim_scale(old_amortized_cost)::text, '-'), old_rows,
                     coalesce(trim_scale(new_cost)::text, '-'), coalesce(trim_scale(new_amortized_cost)::text, '-'), new_rows,
                     coalesce(right(run_id::text, 1), '-')) AS line
       FROM cost_day_revisions ORDER BY id`,
    )
  ).map(({ line }) => line);

const datasets = async () =>
  (
    await read<{ line: string }>(
      `SELECT concat_ws(' ', source, kind, subscription_id, billing_account_id, covered) AS line FROM cost_datasets ORDER BY 1`,
    )
  ).map(({ line }) => line);

async function expectRollupToEqualFacts(): Promise<void> {
  const sums = (from: string, count: string) => `
    SELECT dataset_id, day, provider, billing_account_id, subscription_id, service_name, currency,
           sum(cost) AS cost, sum(amortized_cost) AS amortized_cost, ${count}::bigint AS rows
    FROM ${from} GROUP BY 1, 2, 3, 4, 5, 6, 7`;
  const fromFacts = sums(
    `(SELECT f.*, d.provider, d.billing_account_id, d.subscription_id, d.service_name
      FROM costs_daily f JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id) facts`,
    'count(*)',
  );
  const fromRollup = sums('cost_daily_totals', 'sum(rows)');
  expect(await read(`(${fromFacts} EXCEPT ${fromRollup}) UNION ALL (${fromRollup} EXCEPT ${fromFacts})`)).toEqual([]);
  // Nothing without an owner.
  const orphans = `SELECT 1 FROM costs_daily f WHERE NOT EXISTS (SELECT FROM cost_datasets d WHERE d.id = f.dataset_id)`;
  expect(await read(orphans)).toEqual([]);
}

describe('what is published', () => {
  it('is one record per charge, with billed and effective cost side by side', async () => {
    const published = await publish(ledger, {
      tenantId,
      charges: [
        on(1, '10', { resourceId: '/vm/1' }),
        on(1, null, { resourceId: '/vm/1', amortizedCost: '8' }),
        on(1, null, { resourceId: '/vm/2', amortizedCost: '2' }),
        on(2, '5', { resourceId: '/reservation' }),
      ],
    });
    // A key that only one of two read columns has is a zero in the other, not an unknown.
    expect(await facts()).toEqual([
      '2026-04-01 /vm/1 USD 10 8',
      '2026-04-01 /vm/2 USD 0 2',
      '2026-04-02 /reservation USD 5 0',
    ]);
    expect(published).toEqual({ rows: 3, totals: [{ currency: 'USD', cost: '15', amortized_cost: '10' }] });
  });

  it('leaves the column empty that the source does not carry', async () => {
    await publish(ledger, { tenantId, kind: 'actual', charges: [on(1, '10')] });
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 10 null']);
  });

  it('knows a dimension again in whatever order its parts are named, and what no text can hold left out', async () => {
    const text = 'a\ud800b';
    const usual = on(1, '1', { serviceName: text });
    const reversed = { ...on(2, '2'), dimension: Object.fromEntries(Object.entries(usual.dimension).reverse()) };
    const fresh = () => new CostLedger(logins.worker);
    await publish(fresh(), { tenantId, charges: [usual] });
    await publish(fresh(), { tenantId, charges: [{ ...usual, day: '2026-04-02' }, reversed as typeof usual] });
    const stored = await read(`SELECT service_name, encode(key, 'hex') AS key FROM cost_dimensions`);
    // The key that ledgers in use have it by.
    const parts = [
      'Microsoft',
      null,
      's1',
      'group',
      'a\ufffdb',
      'Virtual Machines',
      'Usage',
      'OnDemand',
      'Azure',
      null,
      '/vm/1',
    ];
    expect(stored).toEqual([{ service_name: 'a\ufffdb', key: hash('sha256', JSON.stringify(parts), 'hex') }]);
  });

  it('tells charges apart by every dimension, absent and empty ones included', async () => {
    const different: Parameters<typeof charge>[0][] = [
      {},
      { resourceGroup: 'other' },
      { resourceGroup: null },
      { resourceGroup: '' },
      { serviceName: 'other' },
      { meterCategory: 'other' },
      { chargeType: 'other' },
      { pricingModel: 'other' },
      { publisher: 'other' },
      { location: 'westeurope' },
      { resourceId: null },
      { currency: 'EUR' },
      { provider: 'AWS' },
      { subscriptionId: null },
    ];
    const published = await publish(ledger, {
      tenantId,
      charges: [...different, ...different].map((changes) => on(1, '1', changes)),
    });
    expect(published.rows).toBe(different.length);
    const sums = await read(`SELECT DISTINCT trim_scale(cost)::text AS cost FROM costs_daily`);
    expect(sums).toEqual([{ cost: '2' }]);
  });

  it('keeps every digit, however small, long or negative', async () => {
    const amounts = [
      '123456789012345678901234567890.123456789012345678901234567891',
      '-123456789012345678901234567890.123456789012345678901234567890',
      '1.5E-30',
      '-2e-9',
      '.5',
      '7.',
      '1E+3',
    ];
    const { totals } = await publish(ledger, { tenantId, charges: amounts.map((cost) => on(1, cost)) });
    //   …891 - …890 = 1e-30, + 1.5e-30 - 0.000000002 + 0.5 + 7 + 1000
    expect(totals).toEqual([{ currency: 'USD', cost: '1007.4999999980000000000000000000025', amortized_cost: '0' }]);
    await publish(ledger, {
      tenantId,
      charges: amounts.map((cost, index) => on(2, cost, { resourceId: `/${index}` })),
      days: days(2),
    });
    const kept = `SELECT trim_scale(cost)::text AS cost FROM costs_daily_flat WHERE day = '2026-04-02' ORDER BY resource_id`;
    expect((await read<{ cost: string }>(kept)).map(({ cost }) => cost)).toEqual([
      amounts[0],
      '-123456789012345678901234567890.12345678901234567890123456789',
      `0.${'0'.repeat(29)}15`,
      '-0.000000002',
      '0.5',
      '7',
      '1000',
    ]);
  });

  it('is never summed across currencies', async () => {
    const { totals } = await publish(ledger, {
      tenantId,
      charges: [on(1, '1', { currency: 'USD' }), on(1, '2', { currency: 'EUR' }), on(2, '4', { currency: 'EUR' })],
    });
    expect(totals).toEqual([
      { currency: 'EUR', cost: '6', amortized_cost: '0' },
      { currency: 'USD', cost: '1', amortized_cost: '0' },
    ]);
    expect(await facts('day, currency')).toEqual(['2026-04-01 EUR 2 0', '2026-04-01 USD 1 0', '2026-04-02 EUR 4 0']);
  });

  it('keeps text as it came, but for the character that PostgreSQL cannot hold', async () => {
    const texts = [
      'tab\there',
      'line\nbreak\r\n',
      'back\\slash \\N \\.',
      '\\.',
      '\\N',
      '日本語 🎉 ü',
      'quote \' " ;--',
      ' ',
    ];
    await publish(ledger, { tenantId, charges: texts.map((serviceName) => on(1, '1', { serviceName })) });
    const kept = await read<{ service_name: string }>('SELECT service_name FROM costs_daily_flat');
    expect(kept.map(({ service_name }) => service_name).sort()).toEqual([...texts].sort());

    await publish(ledger, {
      tenantId,
      charges: [on(1, '1', { serviceName: 'a\0b' }), on(1, '2', { serviceName: 'ab' })],
    });
    expect(await facts('service_name')).toEqual(['ab 3 0']);
    expect(await read('SELECT count(*)::int AS rows FROM costs_daily')).toEqual([{ rows: 1 }]);
  });

  it('takes thousands of charges at once', async () => {
    const charges = Array.from({ length: 3_001 }, (_, index) =>
      on((index % 30) + 1, '0.1', { resourceId: `/vm/${index}` }),
    );
    const { rows, totals } = await publish(ledger, { tenantId, charges });
    expect({ rows, cost: totals[0]!.cost }).toEqual({ rows: 3_001, cost: '300.1' });
  });

  it('is the same in however many parts it is written', async () => {
    const parts = [
      [on(1, '0.1'), on(2, '2', { resourceId: '/b' })],
      [on(1, '0.2'), on(30, '-1', { amortizedCost: '7' })],
      [on(1, null, { amortizedCost: '0.4' }), on(2, '1e-20', { resourceId: '/b' })],
    ];
    const stage = await ledger.openStage(tenantId);
    try {
      for (const part of parts) {
        await stageCharges(stage, part);
        await stage.write();
      }
      const dataset = {
        billingAccountId: null,
        subscriptionId: 's1',
        month: '2026-04-01',
        days: days(1, 30),
        whole: false,
      };
      const { rows } = await ledger.publish(stage, {
        runId: null,
        publishedAt: new Date(),
        publications: [{ source: 'cost-management', kind: 'both', grain: null, datasets: [dataset] }],
      });
      expect(rows).toBe(3);
    } finally {
      await stage.close();
    }
    const kept = [
      '2026-04-01 /vm/1 USD 0.3 0.4',
      '2026-04-02 /b USD 2.00000000000000000001 0',
      '2026-04-30 /vm/1 USD -1 7',
    ];
    expect(await facts()).toEqual(kept);
    await publish(ledger, { tenantId, charges: parts.flat() });
    expect(await facts()).toEqual(kept);
    expect(await revisions()).toEqual([]);
  });

  it('has one row of the rollup for a key, however many others come between two of its charges', async () => {
    const others = Array.from({ length: 15_001 }, (_, index) => on(1, '1', { serviceName: `service ${index}` }));
    const again = on(1, '2', { serviceName: 'service 0', resourceId: '/other' });
    await publish(ledger, { tenantId, charges: [...others, again] });
    expect(
      await read(
        `SELECT count(*)::int AS rows, sum(cost)::int AS cost, sum(rows)::int AS charges FROM cost_daily_totals`,
      ),
    ).toEqual([{ rows: 15_001, cost: 15_003, charges: 15_002 }]);
  });

  it('is refused when charges lie outside of the days or datasets that it speaks for', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1')] });
    const before = await facts();
    const stray = [
      { charges: [on(1, '1'), on(9, '1')], days: days(1, 5) },
      { charges: [on(1, '1'), on(2, '1', { billingAccountId: 'unannounced' })] },
      { charges: [on(1, '1', { billingMonth: '2026-05-01' })] },
    ];
    for (const publication of stray) {
      await expect(publish(ledger, { tenantId, ...publication })).rejects.toThrow(
        /belongs to none of the published datasets/,
      );
    }
    expect(await facts()).toEqual(before);
  });
});

describe('publishing days again', () => {
  it('replaces them: a vanished charge vanishes, a restated one changes, other days stay', async () => {
    await publish(ledger, {
      tenantId,
      runId: run(1),
      charges: [on(1, '1'), on(2, '2'), on(2, '3', { resourceId: '/b' }), on(3, '4')],
    });
    expect(await revisions()).toEqual([]);
    await publish(ledger, { tenantId, runId: run(2), charges: [on(2, '2.5')], days: days(2) });
    expect(await facts()).toEqual([
      '2026-04-01 /vm/1 USD 1 0',
      '2026-04-02 /vm/1 USD 2.5 0',
      '2026-04-03 /vm/1 USD 4 0',
    ]);
    expect(await revisions()).toEqual(['2026-04-02 s1 USD: 5/0/2 -> 2.5/0/1 by 2']);

    await publish(ledger, { tenantId, runId: run(3), charges: [], days: days(2, 3) });
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1 0']);
    expect((await revisions()).slice(1).sort()).toEqual([
      '2026-04-02 s1 USD: 2.5/0/1 -> -/-/0 by 3',
      '2026-04-03 s1 USD: 4/0/1 -> -/-/0 by 3',
    ]);
  });

  it('with the same charges changes nothing and is no revision', async () => {
    const charges = [
      on(1, '1.10'),
      on(1, '-1.1', { resourceId: '/b' }),
      on(2, '2', { currency: 'EUR', subscriptionId: null }),
    ];
    await publish(ledger, { tenantId, charges });
    const before = await facts();
    // The same amounts, written and ordered differently.
    await publish(ledger, { tenantId, charges: [charges[2]!, { ...charges[0]!, cost: '1.1' }, charges[1]!] });
    expect(await facts()).toEqual(before);
    expect(await revisions()).toEqual([]);
  });

  it('is a revision where a published day had nothing, none where the day is new', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1')], days: days(1, 2) });
    await publish(ledger, { tenantId, runId: run(2), charges: [on(1, '1'), on(2, '2'), on(3, '3')], days: days(1, 3) });
    expect(await revisions()).toEqual(['2026-04-02 s1 USD: -/-/0 -> 2/0/1 by 2']);
  });

  it('is no revision while the day was not over, whatever it grows by, and loses nothing of it', async () => {
    const at = (publishedAt: string, ...charges: ReturnType<typeof on>[]) =>
      publish(ledger, { tenantId, charges, publishedAt: new Date(publishedAt) });
    await at('2026-04-02T08:00:00Z', on(2, '1'));
    await at('2026-04-02T20:00:00Z', on(2, '2'));
    await at('2026-04-03T00:00:01Z', on(2, '3'));
    expect(await revisions()).toEqual([]);
    await at('2026-04-03T06:00:00Z', on(2, '4'));
    expect(await revisions()).toHaveLength(1);
    await publish(ledger, { tenantId, days: { from: '2026-04-10', to: '2026-04-10' }, charges: [on(10, '5')] });
    expect(await facts('day')).toEqual(['2026-04-02 4 0', '2026-04-10 5 0']);
  });

  it('is a revision per subscription and currency', async () => {
    const file = (one: string, two: string, euro: string) =>
      publishFile(ledger, {
        tenantId,
        charges: [
          on(1, one),
          on(1, two, { subscriptionId: 's2' }),
          on(1, euro, { currency: 'EUR' }),
          on(1, '9', { subscriptionId: null }),
        ],
      });
    await file('1', '2', '3');
    await file('1', '2.5', '3');
    expect(await revisions()).toEqual(['2026-04-01 s2 USD: 2/0/1 -> 2.5/0/1 by -']);
    await file('1', '2.5', '4');
    expect((await revisions()).slice(1)).toEqual(['2026-04-01 s1 EUR: 3/0/1 -> 4/0/1 by -']);
  });

  it('with billed cost alone takes the effective cost away, and gives it back with both', async () => {
    const both = [on(1, '1', { amortizedCost: '1.5' }), on(2, '2', { amortizedCost: '2.5' })];
    await publish(ledger, { tenantId, charges: both });
    await publish(ledger, { tenantId, kind: 'actual', charges: [on(2, '2')], days: days(2) });
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1 1.5', '2026-04-02 /vm/1 USD 2 null']);
    expect(await datasets()).toEqual([
      'cost-management actual s1 {[2026-04-02,2026-04-03)}',
      'cost-management both s1 {[2026-04-01,2026-04-02),[2026-04-03,2026-05-01)}',
    ]);
    await publish(ledger, { tenantId, charges: both });
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1 1.5', '2026-04-02 /vm/1 USD 2 2.5']);
    expect(await datasets()).toEqual(['cost-management both s1 {[2026-04-01,2026-05-01)}']);
    expect(await revisions()).toEqual([
      '2026-04-02 s1 USD: 2/2.5/1 -> 2/-/1 by -',
      '2026-04-02 s1 USD: 2/-/1 -> 2/2.5/1 by -',
    ]);
  });

  it('of billed and of effective cost, each from its own file, never erases the other', async () => {
    const actual = (cost: string) => publishFile(ledger, { tenantId, kind: 'actual', charges: [on(1, cost)] });
    const amortized = (amortizedCost: string) =>
      publishFile(ledger, { tenantId, kind: 'amortized', charges: [on(1, null, { amortizedCost })] });
    await actual('1');
    await amortized('2');
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1 2']);
    expect(await revisions()).toEqual([]);
    await actual('1.5');
    await amortized('2.5');
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1.5 2.5']);
    expect(await revisions()).toEqual([
      '2026-04-01 s1 USD: 1/-/1 -> 1.5/-/1 by -',
      '2026-04-01 s1 USD: -/2/1 -> -/2.5/1 by -',
    ]);
  });

  it('whole drops earlier days outside of the new ones', async () => {
    await publishFile(ledger, { tenantId, charges: [on(1, '1'), on(2, '2'), on(3, '3')], days: days(1, 3) });
    await publishFile(ledger, { tenantId, charges: [on(2, '2'), on(4, '4')], days: days(2, 4) });
    expect(await facts()).toEqual(['2026-04-02 /vm/1 USD 2 0', '2026-04-04 /vm/1 USD 4 0']);
    expect(await datasets()).toEqual(['focus-file both account {[2026-04-02,2026-04-05)}']);
    expect((await revisions()).sort()).toEqual([
      '2026-04-01 s1 USD: 1/0/1 -> -/-/0 by -',
      '2026-04-03 s1 USD: 3/0/1 -> -/-/0 by -',
    ]);
  });

  it('touches no other month, account or subscription of the same source', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1')] });
    await publish(ledger, { tenantId, subscriptionId: 's2', charges: [on(1, '2', { subscriptionId: 's2' })] });
    const may = charge({ day: '2026-05-01', cost: '3' });
    await publish(ledger, { tenantId, month: '2026-05-01', charges: [may] });
    for (const account of ['x', 'y']) {
      const own = on(1, '4', { subscriptionId: `${account}1` });
      await publishFile(ledger, { tenantId, billingAccountId: account, charges: [own] });
    }
    await publish(ledger, { tenantId, charges: [] });
    await publishFile(ledger, { tenantId, billingAccountId: 'x', charges: [] });
    expect(await facts('day, subscription_id')).toEqual([
      '2026-04-01 s2 2 0',
      '2026-04-01 y1 4 0',
      '2026-05-01 s1 3 0',
    ]);
  });

  it('can correct a billing month by charges of other months', async () => {
    const late = charge({ day: '2026-02-27', billingMonth: '2026-04-01', cost: '1' });
    const file = { tenantId, days: { from: '2026-02-27', to: '2026-04-30' } };
    await publishFile(ledger, { ...file, charges: [late, on(1, '2')] });
    await publishFile(ledger, { ...file, charges: [on(1, '2')] });
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 2 0']);
  });
});

describe('a subscription-month of another source', () => {
  const state = async () => [await facts('day, subscription_id, currency'), await datasets(), await revisions()];

  it('is refused by name, and everything stays as it was', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1')] });
    const before = await state();
    const charges = [on(1, '9'), on(1, '5', { subscriptionId: 's2' })];
    const refusal = publishFile(ledger, { tenantId, charges });
    await expect(refusal).rejects.toThrow(ConflictError);
    await expect(refusal).rejects.toThrow('Microsoft s1 2026-04 owned by cost-management');
    expect(await state()).toEqual(before);

    await publishFile(ledger, { tenantId, kind: 'actual', charges: [charges[1]!] });
    await expect(
      publish(ledger, { tenantId, subscriptionId: 's2', charges: [on(2, '1', { subscriptionId: 's2' })] }),
    ).rejects.toThrow('Microsoft s2 2026-04 owned by focus-file');
  });

  it('is free where the other source has another month, provider, tenant or cost column', async () => {
    await publish(ledger, { tenantId, kind: 'actual', charges: [on(1, '1')] });
    await publishFile(ledger, { tenantId, month: '2026-05-01', charges: [charge({ day: '2026-05-01', cost: '2' })] });
    await publishFile(ledger, { tenantId, billingAccountId: 'aws', charges: [on(1, '3', { provider: 'AWS' })] });
    await publishFile(ledger, { tenantId, kind: 'amortized', charges: [on(1, null, { amortizedCost: '4' })] });
    expect(await facts('provider, day')).toEqual([
      'AWS 2026-04-01 3 0',
      'Microsoft 2026-04-01 1 4',
      'Microsoft 2026-05-01 2 0',
    ]);
    const other = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await publishFile(ledger, { tenantId: other, charges: [on(1, '5')] });
  });

  it('is owned with the late charges of its calendar month, whichever month bills them', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1')] });
    const before = await state();
    const charges = [on(30, '9', { billingMonth: '2026-05-01' })];
    const late = { tenantId, month: '2026-05-01', days: { from: '2026-04-30', to: '2026-05-31' }, charges };
    await expect(publishFile(ledger, late)).rejects.toThrow('Microsoft s1 2026-04 owned by cost-management');
    await expect(publishFile(ledger, { ...late, replaceOthers: true })).rejects.toThrow(
      /^Charges of 2026-04 would count twice: .* must own 2026-04 as well: import it of that month first, with --replace/,
    );
    expect(await state()).toEqual(before);

    await publishFile(ledger, { tenantId, replaceOthers: true, charges: [on(1, '1')] });
    await publishFile(ledger, late);
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1 0', '2026-04-30 /vm/1 USD 9 0']);
    await expect(publish(ledger, { tenantId, charges: [on(1, '1')] })).rejects.toThrow('Charges of 2026-04 would');
  });

  it('without a subscription belongs to its billing account', async () => {
    const outside = [on(1, '1', { subscriptionId: null })];
    await publishFile(ledger, { tenantId, source: 'azure-export-file', billingAccountId: 'x', charges: outside });
    await publishFile(ledger, { tenantId, billingAccountId: 'y', charges: outside });
    await expect(publishFile(ledger, { tenantId, billingAccountId: 'x', charges: outside })).rejects.toThrow(
      'Microsoft (no subscription) 2026-04 owned by azure-export-file',
    );
    // FOCUS names the account by its resource id, the other exports by its number.
    const billingAccountId = '/providers/Microsoft.Billing/billingAccounts/X';
    await expect(publishFile(ledger, { tenantId, billingAccountId, charges: outside })).rejects.toThrow(
      'Microsoft (no subscription) 2026-04 owned by azure-export-file',
    );
    await publishFile(ledger, { tenantId, billingAccountId, charges: outside, replaceOthers: true });
    expect(await facts('source, billing_account_id')).toEqual([
      `focus-file ${billingAccountId} 1 0`,
      'focus-file y 1 0',
    ]);
  });

  it('is taken over on purpose, and the days that moved are revisions', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1'), on(2, '2'), on(3, '3')] });
    await publish(ledger, { tenantId, subscriptionId: 's2', charges: [on(1, '7', { subscriptionId: 's2' })] });
    await publishFile(ledger, {
      tenantId,
      runId: run(5),
      replaceOthers: true,
      charges: [on(1, '1'), on(2, '2.5'), on(4, '4')],
    });
    expect(await facts('day, subscription_id')).toEqual([
      '2026-04-01 s1 1 0',
      '2026-04-01 s2 7 0',
      '2026-04-02 s1 2.5 0',
      '2026-04-04 s1 4 0',
    ]);
    expect((await revisions()).sort()).toEqual([
      '2026-04-02 s1 USD: 2/0/1 -> 2.5/0/1 by 5',
      '2026-04-03 s1 USD: 3/0/1 -> -/-/0 by 5',
    ]);
    expect(await datasets()).toEqual([
      'cost-management both s2 {[2026-04-01,2026-05-01)}',
      'focus-file both account {[2026-04-01,2026-05-01)}',
    ]);
  });

  it('is taken over from a file without what that file says of other subscriptions', async () => {
    await publishFile(ledger, {
      tenantId,
      kind: 'actual',
      charges: [on(1, '1'), on(1, '2', { subscriptionId: 's2' })],
    });
    await publish(ledger, { tenantId, replaceOthers: true, charges: [on(1, '1.5', { amortizedCost: '1' })] });
    expect(await facts('day, subscription_id')).toEqual(['2026-04-01 s1 1.5 1', '2026-04-01 s2 2 null']);
    expect(await revisions()).toEqual(['2026-04-01 s1 USD: 1/-/1 -> 1.5/1/1 by -']);
  });

  it('is not taken over when half of it would be lost', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1', { amortizedCost: '2' })] });
    const before = await state();
    const file = publishFile(ledger, { tenantId, kind: 'actual', replaceOthers: true, charges: [on(1, '1')] });
    await expect(file).rejects.toThrow(/this one only actual cost, so the other half would be lost/);
    expect(await state()).toEqual(before);
  });
});

describe('a publication that fails', () => {
  it('in its checkpoint leaves everything as it was', async () => {
    await publish(ledger, { tenantId, charges: [on(1, '1')] });
    const failing = publish(ledger, {
      tenantId,
      charges: [on(1, '2')],
      checkpoint: async (tx, { rows }) => {
        // What the checkpoint sees is what would be published.
        expect(rows).toBe(1);
        expect(await tx.query('SELECT trim_scale(cost)::text AS cost FROM costs_daily')).toEqual([{ cost: '2' }]);
        throw new Error('fenced');
      },
    });
    await expect(failing).rejects.toThrow('fenced');
    expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 1 0']);
    expect(await revisions()).toEqual([]);
  });

  it('because the schema changed meanwhile is the only one', async () => {
    const worker = connectTo(logins.urls.worker, { poolSize: 1 });
    const alter = (change: string) =>
      withClient(logins.urls.owner, (client) => client.query(`ALTER TABLE cost_daily_totals ${change}`));
    try {
      const single = new CostLedger(worker);
      await publish(single, { tenantId, charges: [on(1, '1')] });
      await alter('ADD COLUMN news integer');
      await expect(publish(single, { tenantId, charges: [on(1, '2')] })).rejects.toThrow();
      await publish(single, { tenantId, charges: [on(1, '3')] });
      expect(await facts()).toEqual(['2026-04-01 /vm/1 USD 3 0']);
    } finally {
      await worker.close();
      await alter('DROP COLUMN IF EXISTS news');
    }
  });

  it('leaves nothing staged to the next one', async () => {
    const worker = connectTo(logins.urls.worker, { poolSize: 1 });
    try {
      const single = new CostLedger(worker);
      await expect(
        publish(single, { tenantId, charges: [on(1, '1')], checkpoint: () => Promise.reject(new Error('no')) }),
      ).rejects.toThrow('no');
      await expect(publish(single, { tenantId, charges: [on(2, 'much')] })).rejects.toThrow(/numeric/);
      const abandoned = await single.openStage(tenantId);
      await stageCharges(abandoned, [on(3, '3')]);
      await abandoned.close();
      await publish(single, { tenantId, charges: [on(4, '4')] });
      expect(await facts()).toEqual(['2026-04-04 /vm/1 USD 4 0']);
    } finally {
      await worker.close();
    }
  });

  it('because its connection was lost while the source was read is an error, not the end of the process', async () => {
    const worker = connectTo(logins.urls.worker, { poolSize: 1, applicationName: 'stage to be cut' });
    try {
      const single = new CostLedger(worker);
      const stage = await single.openStage(tenantId);
      await logins.owner.query(
        ALL_TENANTS,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stage to be cut'`,
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      await stageCharges(stage, [on(1, '1')]);
      await expect(stage.write()).rejects.toThrow();
      await stage.close();
      await publish(single, { tenantId, charges: [on(1, '1')] });
    } finally {
      await worker.close();
    }
  });
});

describe('publications at the same time', () => {
  /** Statements of this database that wait for another one. */
  const blocked = async () => {
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`;
    return (await logins.owner.pool.query(sql)).rowCount;
  };

  it('of one dataset happen one after the other: the last one is what remains', async () => {
    const attempts = Array.from({ length: 6 }, (_, index) =>
      publish(ledger, {
        tenantId,
        charges: Array.from({ length: 5 }, (_each, n) => on(n + 1, String(index + 1), { resourceId: `/vm/${index}` })),
      }),
    );
    await Promise.all(attempts);
    const left = await read<{ resource_id: string; rows: number }>(
      'SELECT resource_id, count(*)::int AS rows FROM costs_daily_flat GROUP BY 1',
    );
    expect(left).toEqual([{ resource_id: expect.any(String) as string, rows: 5 }]);
    expect(await revisions()).toHaveLength(5 * 5);
  });

  it('of different subscriptions do not wait for each other, a file waits for all', async () => {
    const order: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const slow = publish(ledger, {
      tenantId,
      charges: [on(1, '1')],
      checkpoint: async () => {
        entered();
        await held;
        order.push('slow');
      },
    });
    await inside;
    const other = publish(ledger, { tenantId, subscriptionId: 's2', charges: [on(1, '2', { subscriptionId: 's2' })] });
    await other.then(() => order.push('other'));
    const file = publishFile(ledger, { tenantId, charges: [on(1, '3', { subscriptionId: 's3' })] });
    void file.then(() => order.push('file'));
    try {
      await expect.poll(blocked).toBe(1);
    } finally {
      release();
      await Promise.all([slow, file]);
    }
    expect(order).toEqual(['other', 'slow', 'file']);
  });

  it('take the datasets of a publication in one order, in which they cannot wait for each other', async () => {
    const month = '2026-04-01';
    const keyOf = (account: string) => `azcops.dataset.${JSON.stringify(['focus-file', account, null, month])}`;
    const of = (account: string) => charge({ day: month, cost: '1', billingAccountId: account });
    const stage = await ledger.openStage(tenantId);
    const other = await logins.owner.connect();
    try {
      await stageCharges(stage, [of('b'), of('a')]);
      await other.query('BEGIN');
      await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [keyOf('a')]);
      const published = ledger.publish(stage, {
        runId: null,
        publishedAt: new Date(),
        publications: [
          {
            source: 'focus-file',
            kind: 'both',
            grain: null,
            datasets: ['b', 'a'].map((billingAccountId) => ({
              billingAccountId,
              subscriptionId: null,
              month,
              days: { from: month, to: month },
              whole: true,
            })),
          },
        ],
      });
      await expect.poll(blocked).toBe(1);
      const { rows } = await other.query('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free', [
        keyOf('b'),
      ]);
      expect(rows).toEqual([{ free: true }]);
      await other.query('ROLLBACK');
      expect(await published).toMatchObject({ rows: 2 });
    } finally {
      other.release(true);
      await stage.close();
    }
  });

  it('may need the same new months, dimensions and days without a deadlock', async () => {
    const months = Array.from({ length: 8 }, (_, index) => `2031-0${index + 1}-01`);
    const stages = await Promise.all([1, 2, 3].map(() => ledger.openStage(tenantId)));
    try {
      await Promise.all(
        stages.map(async (stage, index) => {
          const ordered = index === 1 ? months.toReversed() : months;
          await stageCharges(
            stage,
            ordered.map((day) =>
              charge({ day, cost: '1', billingAccountId: `account-${index}`, subscriptionId: null, resourceId: null }),
            ),
          );
          await ledger.publish(stage, {
            runId: null,
            publishedAt: new Date(),
            publications: [
              {
                source: 'cost-management',
                kind: 'both',
                grain: null,
                datasets: ordered.map((month) => ({
                  billingAccountId: `account-${index}`,
                  subscriptionId: null,
                  month,
                  days: { from: month, to: month },
                  whole: false,
                })),
              },
            ],
          });
        }),
      );
    } finally {
      await Promise.all(stages.map((stage) => stage.close()));
    }
    expect(await read('SELECT count(*)::int AS rows FROM costs_daily')).toEqual([{ rows: 24 }]);
  });

  it('make new months one after the other, whatever the order in which they are needed', async () => {
    const [one, other] = await Promise.all([logins.worker.connect(), logins.worker.connect()]);
    const make = (client: typeof one, month: string) => client.query('SELECT ensure_cost_partition($1)', [month]);
    try {
      await Promise.all([one.query('BEGIN'), other.query('BEGIN')]);
      await make(one, '2032-01-01');
      const waiting = make(other, '2032-02-01');
      await expect.poll(blocked).toBe(1);
      await make(one, '2032-02-01');
      await one.query('COMMIT');
      await waiting;
      await make(other, '2032-01-01');
      await other.query('COMMIT');
    } finally {
      one.release(true);
      other.release(true);
    }
    const made = await logins.owner.pool.query(`SELECT 1 FROM pg_class WHERE relname ~ '^costs_monthly_2032_0[12]$'`);
    expect(made.rowCount).toBe(2);
  });
});
