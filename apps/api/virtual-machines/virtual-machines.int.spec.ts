import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#core/clock.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { strict } from '../testing/strict-schema.js';
import { TestApi } from '../testing/test-api.js';
import {
  CONTOSO,
  FABRIKAM,
  resourceId,
  seedEstate,
  seedResource,
  SUBSCRIPTION,
  type Estate,
} from '../testing/test-estate.js';
import { seedMetric } from '../testing/test-findings.js';
import { utilisationList } from './virtual-machines.schema.js';

const CPU = 'Percentage CPU';
const MEMORY = 'Available Memory Percentage';
const VERDICTS = ['underutilised', 'in_use', 'not_evaluated'] as const;

/** What is judged is judged then, unless a test moves it. */
const NOW = new Date('2026-03-17T12:00:00Z');
let now = NOW;
const OLD_ENOUGH = '2026-03-14T12:00:00Z';
const TOO_OLD = '2026-03-14T11:59:59.999Z';

type Measured = { value: number | null; sampleCount?: number; coverage?: number; to?: string } | null;
/** Around each line that the rule draws, and what is no number. */
const CPU_CASES: Measured[] = [
  null,
  ...[0, 9.999999999999998, 10, 10.000000000000002, 60, -1, Number.NaN, Infinity, -Infinity, null].map((value) => ({
    value,
  })),
  ...[0, 0.24999999999999997, 0.25].map((coverage) => ({ value: 1, coverage })),
  ...[OLD_ENOUGH, TOO_OLD].map((to) => ({ value: 1, to })),
  { value: 1, sampleCount: 0, coverage: 0 },
  { value: 1, sampleCount: 0, coverage: 1 },
];
const MEMORY_CASES: Measured[] = [
  null,
  ...[0, 19.9, 19.999999999999996, 20, 20.000000000000004, 20.1, 100, 101, -1, Number.NaN, Infinity, null].map(
    (value) => ({
      value,
    }),
  ),
  ...[0, 0.24999999999999997, 0.25].map((coverage) => ({ value: 60, coverage })),
  ...[OLD_ENOUGH, TOO_OLD].map((to) => ({ value: 60, to })),
  { value: 60, sampleCount: 0, coverage: 0 },
];
const CASES = CPU_CASES.length * MEMORY_CASES.length;

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  await withClient(database.ownerUrl, async (client) => {
    const owner = { tenantId: estate.fabrikam, subscriptionId: SUBSCRIPTION.fabrikam };
    const measure = async (name: string, metric: string, measured: Measured) => {
      if (!measured) return;
      const { value, ...rest } = measured;
      const id = resourceId(owner.subscriptionId, name);
      await seedMetric(client, { ...owner, resourceId: id, metric, average: value, p05: value, ...rest });
    };
    await client.query('BEGIN');
    for (const [c, cpu] of CPU_CASES.entries()) {
      for (const [m, memory] of MEMORY_CASES.entries()) {
        const name = `case-${c}-${m}`;
        await seedResource(client, owner.tenantId, owner.subscriptionId, name, {});
        await measure(name, CPU, cpu);
        await measure(name, MEMORY, memory);
      }
    }
    await client.query(
      `UPDATE resources SET properties = '{"hardwareProfile": {"vmSize": "Standard_D4s_v5"}}' WHERE tenant_id = $1 AND name = 'vm'`,
      [estate.contoso],
    );
    await client.query(
      `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, first_seen_at, last_seen_at, deleted_at)
       VALUES ($1, '/gone', '/gone', $2, 'gone', 'microsoft.compute/virtualmachines', now(), now(), now()),
              ($1, '/disk', '/disk', $2, 'disk', 'microsoft.compute/disks', now(), now(), NULL)`,
      [estate.contoso, SUBSCRIPTION.contoso],
    );
    await client.query('COMMIT');
  });
  api = await TestApi.start({ databaseUrl: database.apiUrl, clock: { ...systemClock, now: () => now } });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const list = async (query: string, tid = CONTOSO) => {
  const token = await api.token('AzCops.Reader', tid);
  const answer = await api.call('GET', `/api/v1/virtual-machines/utilisation?${query}`, { token });
  expect(answer.status, answer.text).toBe(200);
  return strict(utilisationList).parse(answer.json);
};

describe('the use of virtual machines', () => {
  it('is judged with reason and evidence, for machines that exist', async () => {
    const window = { from_at: '2026-03-01T00:00:00.000Z', to_at: '2026-03-15T00:00:00.000Z' };
    const thresholds = { cpu_average_below: 10, memory_used_p95_from: 80, minimum_coverage: 0.25, maximum_age_days: 3 };
    const machine = {
      tenant_id: estate.contoso,
      subscription_id: SUBSCRIPTION.contoso,
      location: 'westeurope',
      resource_group: 'rg',
    };
    expect((await list('')).items).toEqual([
      {
        ...machine,
        resource_id: resourceId(SUBSCRIPTION.contoso, 'db').toLowerCase(),
        name: 'db',
        size: null,
        verdict: 'not_evaluated',
        reason_code: 'no_cpu_data',
        reason: 'There is no CPU data.',
        evidence: { cpu: null, memory: null, thresholds },
      },
      {
        ...machine,
        resource_id: resourceId(SUBSCRIPTION.contoso, 'vm').toLowerCase(),
        name: 'vm',
        size: 'Standard_D4s_v5',
        verdict: 'underutilised',
        reason_code: 'low_use',
        reason: expect.stringContaining('CPU averaged 5.25 %'),
        evidence: {
          cpu: { average: 5.25, ...window, sample_count: 336, coverage: 1 },
          memory: { available_p05: 70, used_p95: 30, ...window, sample_count: 336, coverage: 1 },
          thresholds,
        },
      },
    ]);
  });

  it('is filtered by the verdict that the rule reaches, whatever was measured', async () => {
    const everything = await list('page_size=500', FABRIKAM);
    expect(everything.total).toBe(CASES + 2);
    const idsOf = (items: typeof everything.items) => items.map(({ resource_id }) => resource_id);
    for (const verdict of VERDICTS) {
      const expected = everything.items.filter((item) => item.verdict === verdict);
      const filtered = await list(`page_size=500&verdict=${verdict}`, FABRIKAM);
      expect(idsOf(filtered.items), verdict).toEqual(idsOf(expected));
      expect(filtered.items.every((item) => item.verdict === verdict)).toBe(true);
      expect(filtered.total).toBe(expected.length);
      expect(expected.length).toBeGreaterThan(10);
    }
  });

  it('of one verdict comes in full pages, while time goes on', async () => {
    now = new Date(NOW.getTime() - 60_000);
    const { total } = await list('verdict=in_use', FABRIKAM);
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; now = new Date(now.getTime() + 1_000)) {
      const page = await list(`verdict=in_use&page_size=7${cursor && `&cursor=${cursor}`}`, FABRIKAM);
      cursor = page.next_cursor;
      if (cursor) expect(page.items).toHaveLength(7);
      names.push(...page.items.map(({ name }) => name));
    }
    expect([names.length, new Set(names).size]).toEqual([total, total]);
    now = NOW;
  });

  it('is not judged by metrics that have grown old', async () => {
    const machine = `resource_id=${encodeURIComponent(resourceId(SUBSCRIPTION.contoso, 'vm'))}`;
    expect((await list(machine)).items[0]!.verdict).toBe('underutilised');
    now = new Date('2026-03-18T00:00:00.001Z');
    expect((await list(machine)).items[0]).toMatchObject({
      verdict: 'not_evaluated',
      reason_code: 'stale_cpu_data',
      reason: 'CPU data ends at 2026-03-15T00:00Z, more than 3 days ago.',
    });
    expect((await list(`${machine}&verdict=underutilised`)).total).toBe(0);
    now = NOW;
  });

  it.each([
    [`subscription_id=${SUBSCRIPTION.contoso}`, 2],
    [`subscription_id=${SUBSCRIPTION.fabrikam}`, 0],
    [`resource_id=${encodeURIComponent(resourceId(SUBSCRIPTION.contoso, 'VM'))}`, 1],
    ['verdict=underutilised', 1],
    ['verdict=in_use', 0],
  ])('filtered by %s: %i', async (query, total) => expect((await list(query)).total).toBe(total));

  it('stays within the tenant', async () => {
    expect((await list(`tenant_id=${estate.fabrikam}`)).total).toBe(0);
    expect(new Set((await list('page_size=500', FABRIKAM)).items.map(({ tenant_id }) => tenant_id))).toEqual(
      new Set([estate.fabrikam]),
    );
  });
});
