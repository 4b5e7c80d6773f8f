import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError } from '#core/errors.js';
import { oneTenant } from '#core/scope.js';
import { addTenant, publish, charge } from '../../../test/harness/ledger.js';
import { projectRoot } from '../../../scripts/project.js';
import { TestIngestion } from '../../../test/harness/ingestion.js';
import { importFiles } from './import-files.js';

const samples = join(projectRoot, '..', 'shared', 'data');
const FOCUS = join(samples, 'focus', 'focus_sample.csv');
const ACTUAL = join(samples, 'exports', 'EA_ActualCost_Small.csv');
const AMORTIZED = join(samples, 'exports', 'EA_AmortizedCost_Small.csv');
const NO_ROWS = join(samples, 'exports', 'EA_NoRows.csv');
const hasSamples = [FOCUS, ACTUAL, AMORTIZED, NO_ROWS].every((file) => existsSync(file));
if (!hasSamples) console.log(`Imports of real files are not tested: ${samples} is not there.`);

let ingestion: TestIngestion;
let folder: string;
let tenant: string;
let tenants = 0;

beforeAll(async () => {
  ingestion = await TestIngestion.open();
  folder = mkdtempSync(join(tmpdir(), 'azcops-import-'));
});
afterAll(async () => {
  await ingestion.end();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => void (tenant = await addTenant(ingestion.logins.owner, `tenant-${(tenants += 1)}`)));

type Options = Parameters<typeof importFiles>[2];
const load = (files: string[], options: Options = {}) => importFiles(ingestion.parts, files, { tenant, ...options });
const read = <Row extends object>(sql: string) => ingestion.logins.worker.query<Row>(oneTenant(tenant), sql);
const totals = (by = 'currency') =>
  read(`SELECT ${by}, trim_scale(sum(cost))::text AS cost, trim_scale(sum(amortized_cost))::text AS amortized
        FROM costs_daily_flat GROUP BY ${by} ORDER BY ${by}`);
const count = async (table: string) =>
  (await read<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`))[0]!.rows;
const file = (name: string, content: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const EA_HEADER =
  'BillingAccountId,BillingPeriodStartDate,SubscriptionId,SubscriptionName,Date,MeterCategory,Cost,BillingCurrency,ResourceGroup,ChargeType';
const row = (
  changes: { account?: string; subscription?: string; date?: string; cost?: string; group?: string } = {},
) => {
  const { account = 'a1', subscription = 'S1', date = '04/02/2026', cost = '1', group = 'rg' } = changes;
  return `${account},04/01/2026,${subscription},Name of ${subscription},${date},Storage,${cost},USD,${group},Usage`;
};
const ea = (name: string, ...rows: string[]) => file(name, [EA_HEADER, ...rows, ''].join('\n'));

describe.skipIf(!hasSamples)('real files', () => {
  /** A CSV reader of our own, so that the sums owe nothing to the code under test. */
  function parseCsv(text: string): Record<string, string>[] {
    const rows: string[][] = [[]];
    const cells = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy;
    for (let match = cells.exec(text); match; match = cells.exec(text)) {
      const [whole, cell = '', end = ''] = match;
      rows.at(-1)!.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
      if (end !== ',') rows.push([]);
      if (whole === '' || cells.lastIndex >= text.length) break;
    }
    const [header, ...body] = rows.filter((each) => each.length > 1);
    return body.map((values) =>
      Object.fromEntries(header!.map((name, index) => [name.replace('\uFEFF', ''), values[index]!])),
    );
  }
  const SCALE = 40;
  const scaled = (amount: string): bigint => {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(
      amount,
    )!;
    const magnitude = BigInt(whole + fraction) * 10n ** BigInt(SCALE - fraction.length + Number(exponent));
    return sign === '-' ? -magnitude : magnitude;
  };
  const written = (amount: bigint): string => {
    const digits = String(amount < 0n ? -amount : amount).padStart(SCALE + 1, '0');
    const fraction = digits.slice(-SCALE).replace(/0+$/, '');
    return `${amount < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction && `.${fraction}`}`;
  };
  /** Sums of two columns of a file, by one column or several joined. */
  function sums(path: string, by: readonly string[], cost: string, amortized: string) {
    const found = new Map<string, [bigint, bigint]>();
    for (const each of parseCsv(readFileSync(path, 'utf8'))) {
      const key = by.map((name) => each[name]).join(' ');
      const [a, b] = found.get(key) ?? [0n, 0n];
      found.set(key, [a + scaled(each[cost]!), b + scaled(each[amortized]!)]);
    }
    return [...found]
      .map(([key, [a, b]]) => ({ key, cost: written(a), amortized: written(b) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }
  it('of FOCUS arrive with every digit: totals per provider, currency and service equal those of the file', async () => {
    const published = await load([FOCUS]);
    expect(published.rows).toBeGreaterThan(500);
    const grouped = async (by: string) =>
      (
        await read<{ key: string; cost: string; amortized: string }>(
          `SELECT ${by} AS key, trim_scale(sum(cost))::text AS cost, trim_scale(sum(amortized_cost))::text AS amortized
           FROM costs_daily_flat GROUP BY 1`,
        )
      ).sort((a, b) => (a.key < b.key ? -1 : 1));
    const expected = sums(FOCUS, ['ProviderName', 'BillingCurrency'], 'BilledCost', 'EffectiveCost');
    expect(expected.length).toBeGreaterThan(2);
    expect(await grouped(`provider || ' ' || currency`)).toEqual(expected);
    expect(await grouped('service_name')).toEqual(sums(FOCUS, ['ServiceName'], 'BilledCost', 'EffectiveCost'));
    const days = parseCsv(readFileSync(FOCUS, 'utf8')).map((each) => each['ChargePeriodStart']!.slice(0, 10));
    expect((await read('SELECT DISTINCT day FROM costs_daily')).length).toBe(new Set(days).size);

    const again = await load([FOCUS]);
    expect(again).toEqual(published);
    expect(await grouped(`provider || ' ' || currency`)).toEqual(expected);
    expect(await count('cost_day_revisions')).toBe(0);
    expect(await count('costs_daily')).toBe(published.rows);
  });

  it('of actual and amortized cost stand side by side, whichever comes first', async () => {
    const whole = [{ currency: 'USD', cost: '8.5450077867419368', amortized: '16.296932136636644627485419' }];
    expect(await load([ACTUAL])).toMatchObject({
      totals: [{ currency: 'USD', cost: '8.5450077867419368', amortized_cost: null }],
    });
    expect(await load([AMORTIZED])).toMatchObject({
      totals: [{ currency: 'USD', cost: null, amortized_cost: '16.296932136636644627485419' }],
    });
    expect(await totals()).toEqual(whole);
    const rows = await count('costs_daily');
    await load([ACTUAL, AMORTIZED]);
    await load([AMORTIZED, ACTUAL]);
    expect(await totals()).toEqual(whole);
    expect(await count('costs_daily')).toBe(rows);
    expect(await count('cost_day_revisions')).toBe(0);
    expect(await read('SELECT DISTINCT provider, source FROM subscriptions')).toEqual([
      { provider: 'Microsoft', source: 'import' },
    ]);
  });

  it('with a header only change nothing', async () => {
    await load([ACTUAL]);
    const before = await totals();
    expect(await load([NO_ROWS])).toEqual({ rows: 0, totals: [] });
    expect(await totals()).toEqual(before);
  });
});

describe('an import', () => {
  it('makes the files of one command one dataset per account and month, which the next command replaces whole', async () => {
    await load([
      ea('1-actual.csv', row(), row({ date: '04/09/2026', cost: '8' })),
      ea('2-actual.csv', row({ subscription: 'S2', cost: '2' }), row({ account: 'a2', subscription: 'S3', cost: '4' })),
    ]);
    expect(await totals('subscription_id')).toMatchObject([{ cost: '9' }, { cost: '2' }, { cost: '4' }]);
    await load([ea('3-actual.csv', row({ cost: '1.5' }))]);
    expect(await totals('subscription_id')).toMatchObject([
      { subscription_id: 's1', cost: '1.5' },
      { subscription_id: 's3', cost: '4' },
    ]);
    expect(await count('cost_day_revisions')).toBe(3);
  });

  it('knows the days of the billing period, and of a late charge no other day', async () => {
    const late = row({ date: '12/03/2025', cost: '-2' });
    await load([ea('late-actual.csv', late, row({ date: '04/20/2026' }))]);
    expect(await totals('day')).toMatchObject([{ day: '2025-12-03', cost: '-2' }, { day: '2026-04-20' }]);
    const covered = () => read('SELECT covered FROM cost_datasets');
    expect(await covered()).toEqual([{ covered: '{[2026-04-20,2026-04-21)}' }]);
    await load([ea('period-actual.csv', row({ date: '04/15/2026' }), row({ date: '05/14/2026' }))]);
    expect(await covered()).toEqual([{ covered: '{[2026-04-15,2026-05-15)}' }]);
    await load([ea('later-actual.csv', late)]);
    expect(await covered()).toEqual([{ covered: '{}' }]);
    expect(await totals('day')).toMatchObject([{ day: '2025-12-03', cost: '-2' }]);
  });

  it('refuses months that another source owns, unless they are taken over', async () => {
    const ingested = { tenantId: tenant, charges: [charge({ day: '2026-04-02', cost: '9' })], kind: 'actual' as const };
    await publish(ingestion.parts.ledger, ingested);
    const path = ea('overlap-actual.csv', row(), row({ subscription: 'S2' }));
    await expect(load([path])).rejects.toThrow('Microsoft s1 2026-04 owned by cost-management');
    expect(await totals()).toMatchObject([{ cost: '9' }]);
    expect(await count('subscriptions')).toBe(0);
    await load([path], { replace: true });
    expect(await totals()).toMatchObject([{ cost: '2' }]);
    await expect(publish(ingestion.parts.ledger, ingested)).rejects.toThrow('owned by azure-export-file');
  });

  it('says which other tenant holds the same costs, because sums over all tenants have them twice', async () => {
    const path = ea('shared-actual.csv', row({ subscription: 'shared' }));
    const remarks: string[] = [];
    const remark = (text: string) => void remarks.push(text);
    await load([path], { remark });
    await load([path], { remark });
    expect(remarks).toEqual([]);
    const other = await addTenant(ingestion.logins.owner, `other-${tenant}`);
    await load([path], { tenant: other, remark });
    expect(remarks).toEqual([
      expect.stringMatching(/^The tenant tenant-\d+ holds costs of shared between 2026-04-02 and 2026-04-02 as well: /),
    ]);
  });

  it('keeps nothing of a file with a bad row, nor of the files beside it', async () => {
    const bad = ea('bad-actual.csv', row(), row({ cost: 'free' }));
    await expect(load([ea('good-actual.csv', row()), bad])).rejects.toThrow(
      `${bad}, line 3, column Cost: "free" is not a decimal number.`,
    );
    for (const table of ['costs_daily', 'cost_datasets', 'subscriptions']) expect(await count(table)).toBe(0);
  });

  it('adds up the largest and the smallest amounts that a file may have', async () => {
    const largest = row({ cost: `${'9'.repeat(95)}E9999`, group: 'g1' });
    const smallest = row({ cost: `${'9'.repeat(94)}E-9999`, group: 'g2' });
    await load([ea('extreme-actual.csv', largest, smallest, row({ cost: '+1' }), row({ cost: '+1' }))]);
    const [sum] = await read<{ cost: string }>('SELECT trim_scale(sum(cost))::text AS cost FROM costs_daily');
    const expected = `${'9'.repeat(95)}${'0'.repeat(9_998)}2.${'0'.repeat(9_905)}${'9'.repeat(94)}`;
    expect(sum!.cost === expected).toBe(true);
  });

  it('has room for the first and the last day that a charge may have', async () => {
    const header = 'Date,Cost,MeterCategory,BillingCurrency';
    await load([file('days-actual.csv', `${header}\n2000-01-01,1,Storage,USD\n2099-12-31,2,Storage,USD\n`)]);
    expect(await totals('day')).toMatchObject([{ day: '2000-01-01' }, { day: '2099-12-31' }]);
  });

  it('keeps the longest texts that a file may have', async () => {
    const header =
      'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ProviderName,BillingAccountId,SubAccountId';
    // At random, because PostgreSQL compresses what repeats.
    const random = (bytes: number) => randomBytes(bytes).toString('base64').slice(0, bytes);
    const texts = [random(600), random(600), random(600), random(600), random(2_500)];
    const path = file('longest.csv', `${header},ServiceName,ResourceId\n1,1,USD,2026-04-02,${texts.join(',')}\n`);
    await load([path]);
    expect(
      await read(`SELECT octet_length(concat(provider, billing_account_id, subscription_id, service_name)) AS names,
                         octet_length(resource_id) AS id FROM costs_daily_flat`),
    ).toEqual([{ names: 2_400, id: 2_500 }]);
  });

  it('refuses the same file twice, under whatever name, and a file that is not there', async () => {
    const twice = [ea('one-actual.csv', row()), ea('copy-actual.csv', row())];
    await expect(load(twice)).rejects.toThrow(/copy-actual.csv is the same file as .*one-actual.csv/);
    await expect(load([join(folder, 'absent.csv')])).rejects.toThrow(InvalidInputError);
    await expect(load([folder])).rejects.toThrow(/cannot be read/);
    expect(await count('costs_daily')).toBe(0);
  });

  it('takes names that differ in case for one', async () => {
    await load([ea('case-actual.csv', row({ group: 'RG-One' }), row({ group: 'rg-one', subscription: 's1' }))]);
    expect(await totals('subscription_id, resource_group')).toEqual([
      { subscription_id: 's1', resource_group: 'rg-one', cost: '2', amortized: null },
    ]);
    expect(await count('costs_daily')).toBe(1);
    expect(await read('SELECT subscription_id, display_name, source FROM subscriptions')).toEqual([
      { subscription_id: 's1', display_name: 'Name of S1', source: 'import' },
    ]);
  });

  it('keeps the file as it was, in parts when it is long, and says in the audit log what came from where', async () => {
    const filler = row({ group: 'x'.repeat(1_000) });
    const name = `${'a-name-that-is-longer-than-the-raw-store-lets-a-label-be-'.repeat(2)}actual.csv`;
    const content = [EA_HEADER, ...Array.from({ length: 8_500 }, () => filler), ''].join('\n');
    const path = file(name, content);
    expect(await load([path])).toMatchObject({ rows: 1, totals: [{ cost: '8500' }] });
    const parts = await read<{ path: string; bytes: string }>('SELECT path, bytes FROM raw_snapshots ORDER BY path');
    expect(parts).toHaveLength(2);
    const kept = await Promise.all(parts.map(async (part) => (await ingestion.parts.rawStore.read(part.path))!));
    expect(Buffer.concat(kept).toString('utf8') === content).toBe(true);
    const { rows } = await ingestion.logins.owner.pool.query(
      `SELECT changes FROM audit_logs WHERE action = 'costs.import' AND tenant_id = $1`,
      [tenant],
    );
    expect(rows).toEqual([
      {
        changes: {
          files: [{ name: basename(path), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
          totals: [{ currency: 'USD', cost: '8500', amortized_cost: null }],
          replace: false,
        },
      },
    ]);
  });

  it('reads gzipped files, and needs no tenant named only where there is a single one', async () => {
    await load([file('zipped-actual.csv.gz', gzipSync(`${EA_HEADER}\n${row()}\n`))]);
    expect(await totals()).toMatchObject([{ cost: '1' }]);
    await expect(load([NO_ROWS], { tenant: undefined })).rejects.toThrow(/Say which tenant is meant/);
    await expect(load([NO_ROWS], { tenant: 'nobody' })).rejects.toThrow(
      /There is no tenant nobody.*Registered tenants/s,
    );
  });
});
