import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, monthStart } from '#core/day.js';
import { projectRoot } from '../../scripts/project.js';
import { AzCops } from '../harness/azcops.js';
import { sumDecimals } from '../harness/decimals.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { TestSandbox, today } from '../harness/sandbox.js';

type Row = Record<string, string>;
interface Summary {
  by_provider: { provider: string; currency: string; cost: string | null; amortized_cost: string | null }[];
}

const folder = join(projectRoot, '..', 'shared', 'data');
const FOCUS = join(folder, 'focus', 'focus_sample.csv');
const ACTUAL = join(folder, 'exports', 'EA_ActualCost_Small.csv');
const AMORTIZED = join(folder, 'exports', 'EA_AmortizedCost_Small.csv');
const missing = [FOCUS, ACTUAL, AMORTIZED].filter((file) => !existsSync(file));
if (missing.length > 0)
  console.log(`Skipped imports of real files, which are not on this machine: ${missing.join(', ')}`);

const rowsOf = (file: string) => parse(readFileSync(file), { columns: true, bom: true }) as Row[];
const sumOf = (rows: readonly Row[], column: string) => sumDecimals(rows.map((row) => row[column]!));

describe('the import command', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenantId: string;
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 1, resources: 10, days: 20, now: `${today()}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
    await azcops.startApi();
    [tenantId] = (await azcops.register(0)) as [string];
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const providers = async (from: string, to: string) =>
    (await azcops.get<Summary>(`/api/v1/costs/summary?from=${from}&to=${to}`)).by_provider.toSorted((a, b) =>
      `${a.provider} ${a.currency}`.localeCompare(`${b.provider} ${b.currency}`),
    );

  it.skipIf(missing.length > 0)('takes FOCUS of several providers in, to the last digit, once', async () => {
    const rows = rowsOf(FOCUS);
    const starts = rows.map((row) => row['ChargePeriodStart']!.slice(0, 10)).toSorted();
    const expected = [...Map.groupBy(rows, (row) => `${row['ProviderName']} ${row['BillingCurrency']}`).values()]
      .map((group) => ({
        provider: group[0]!['ProviderName']!,
        currency: group[0]!['BillingCurrency']!,
        cost: sumOf(group, 'BilledCost'),
        amortized_cost: sumOf(group, 'EffectiveCost'),
      }))
      .toSorted((a, b) => `${a.provider} ${a.currency}`.localeCompare(`${b.provider} ${b.currency}`));
    expect(expected.length).toBeGreaterThan(1);
    for (let times = 0; times < 2; times += 1) {
      const command = await azcops.ingestion(['import', FOCUS, '--tenant', tenantId]);
      expect([command.code, command.stderr]).toEqual([0, '']);
      expect(await providers(starts[0]!, starts.at(-1)!)).toEqual(expected);
    }
    expect(await azcops.get('/api/v1/costs/revisions')).toMatchObject({ total: 0 });
  });

  it.skipIf(missing.length > 0)('takes actual and amortized exports in as one', async () => {
    const command = await azcops.ingestion(['import', ACTUAL, AMORTIZED, '--tenant', tenantId]);
    expect([command.code, command.stderr]).toEqual([0, '']);
    expect(await providers('2023-08-01', '2023-10-31')).toEqual([
      {
        provider: 'Microsoft',
        currency: 'USD',
        cost: sumOf(rowsOf(ACTUAL), 'Cost'),
        amortized_cost: sumOf(rowsOf(AMORTIZED), 'Cost'),
      },
    ]);
  });

  it('refuses a month that ingestion has read, unless told to take it over', async () => {
    const [subscription] = sandbox.subscriptionsOf(0);
    const day = addDays(today(), -5);
    const oneDay = { from: day, to: day };
    const full = await azcops.ingestion(['full', '--tenant', tenantId, '--from', day, '--to', day]);
    expect(full.code).toBe(0);
    const before = await azcops.costs(oneDay);
    const file = join(azcops.folder, 'focus.csv');
    const month = `${monthStart(day)}T00:00:00Z`;
    writeFileSync(
      file,
      [
        'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart,ProviderName,SubAccountId,ServiceName',
        `0.10,0.20,USD,${day}T00:00:00Z,${month},Microsoft,/subscriptions/${subscription},Storage`,
        '',
      ].join('\n'),
    );
    const refused = await azcops.ingestion(['import', file, '--tenant', tenantId]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`Microsoft ${subscription} ${day.slice(0, 7)} owned by cost-management`);
    expect(refused.stderr).toContain('--replace');
    expect(await azcops.costs(oneDay)).toEqual(before);

    const taken = await azcops.ingestion(['import', file, '--tenant', tenantId, '--replace']);
    expect([taken.code, taken.stderr]).toEqual([0, '']);
    const filter = `&subscription_id=${subscription}`;
    expect(await azcops.costs(oneDay, filter)).toEqual([
      { subscription_id: subscription, currency: 'USD', cost: '0.1', amortized_cost: '0.2' },
    ]);
  });

  it('keeps nothing of a file with a bad row, and names the place', async () => {
    const file = join(azcops.folder, 'bad.csv');
    writeFileSync(
      file,
      [
        'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ProviderName,SubAccountId,ServiceName',
        '1,1,USD,2025-01-01T00:00:00Z,AWS,1,Storage',
        '1,one,USD,2025-01-01T00:00:00Z,AWS,1,Storage',
      ].join('\n'),
    );
    const command = await azcops.ingestion(['import', file, '--tenant', tenantId]);
    expect(command.code).toBe(1);
    expect(command.stderr).toBe(`${file}, line 3, column EffectiveCost: "one" is not a decimal number.\n`);
    expect(await providers('2025-01-01', '2025-01-31')).toEqual([]);
  });
});
