import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { strict } from '../testing/strict-schema.js';
import { TestApi } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, resourceId, seedEstate, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { seedMetric } from '../testing/test-findings.js';
import { resourceMetricList } from './resource-metrics.schema.js';

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  await withClient(database.ownerUrl, async (client) => {
    await seedMetric(client, {
      tenantId: estate.contoso,
      subscriptionId: SUBSCRIPTION.contoso,
      resourceId: resourceId(SUBSCRIPTION.contoso, 'db'),
      metric: 'Percentage CPU',
      average: null,
      sampleCount: 0,
      coverage: 0,
    });
  });
  api = await TestApi.start({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const list = async (query: string, tid = CONTOSO) => {
  const token = await api.token('AzCops.Reader', tid);
  const answer = await api.call('GET', `/api/v1/resource-metrics?${query}`, { token });
  expect(answer.status, answer.text).toBe(200);
  return strict(resourceMetricList).parse(answer.json);
};

describe('metrics of resources', () => {
  it('carry statistics, window and coverage', async () => {
    const { items } = await list(`resource_id=${encodeURIComponent(resourceId(SUBSCRIPTION.contoso, 'VM'))}`);
    expect(items).toHaveLength(2);
    expect(items[1]).toEqual({
      tenant_id: estate.contoso,
      subscription_id: SUBSCRIPTION.contoso,
      resource_id: resourceId(SUBSCRIPTION.contoso, 'vm').toLowerCase(),
      resource_type: 'microsoft.compute/virtualmachines',
      metric: 'Percentage CPU',
      unit: 'Percent',
      from_at: '2026-03-01T00:00:00.000Z',
      to_at: '2026-03-15T00:00:00.000Z',
      interval_minutes: 60,
      average: 5.25,
      minimum: 5.25,
      maximum: 5.25,
      p05: 5.25,
      p95: 5.25,
      sample_count: 336,
      coverage: 1,
    });
  });

  it('are null, not zero, where no point had a value', async () => {
    const { items } = await list(`resource_id=${encodeURIComponent(resourceId(SUBSCRIPTION.contoso, 'db'))}`);
    const nothing = { average: null, minimum: null, maximum: null, p05: null, p95: null };
    expect(items).toMatchObject([{ ...nothing, sample_count: 0, coverage: 0 }]);
  });

  it.each([
    ['', 3],
    ['metric=percentage%20cpu', 2],
    ['metric=Percentage', 0],
    ['resource_type=Microsoft.Compute/virtualMachines', 3],
    ['resource_type=microsoft.web/serverfarms', 0],
    [`subscription_id=${SUBSCRIPTION.contoso}`, 3],
    [`subscription_id=${SUBSCRIPTION.fabrikam}`, 0],
  ])('filtered by %s are %i', async (query, total) => expect((await list(query)).total).toBe(total));

  it('stay within the tenant', async () => {
    expect((await list('', FABRIKAM)).total).toBe(2);
    expect((await list(`tenant_id=${estate.contoso}`, FABRIKAM)).total).toBe(0);
  });
});
