import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MetricRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import { ResourceMetricRepository } from './resource-metric.repository.js';
import { addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { proof } from '../../../test/harness/ingestion.js';

describe('metrics of resources', () => {
  let logins: TestLogins;
  let metrics: ResourceMetricRepository;
  let tenantId: string;
  let tenants = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    metrics = new ResourceMetricRepository(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await logins.owner.pool.query(
      `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, first_seen_at, last_seen_at, deleted_at)
       VALUES ($1, '/one', '/One', 's1', 'one', 'vm', now(), now(), NULL), ($1, '/two', '/Two', 's1', 'two', 'vm', now(), now(), now())`,
      [tenantId],
    );
  });

  const record = (resourceId: string, changes: Partial<MetricRecord> = {}): MetricRecord => ({
    resourceId,
    subscriptionId: 's1',
    resourceType: 'vm',
    metric: 'Percentage CPU',
    unit: 'Percent',
    from: new Date('2026-04-01T00:00:00Z'),
    to: new Date('2026-04-15T00:00:00Z'),
    intervalMinutes: 60,
    average: 5,
    minimum: 1,
    maximum: 30,
    p05: 2,
    p95: 12,
    sampleCount: 336,
    coverage: 1,
    ...changes,
  });
  const publish = async (records: MetricRecord[], complete = true) => {
    const target = {
      tenantId,
      source: 'monitor',
      subscriptionId: 's1',
      range: null,
      runId: crypto.randomUUID(),
      startedAt: new Date(),
    };
    const sink = await metrics.openSink(target);
    await sink.add(records);
    return sink.publish(proof({ complete }), async () => undefined);
  };
  const stored = async () => (await metrics.list(oneTenant(tenantId), {}, { pageSize: 50 })).items;

  it('replace those of the window before', async () => {
    await publish([record('/one'), record('/one', { metric: 'Available Memory Percentage', p05: 70 })]);
    await publish([record('/one', { average: null, sampleCount: 0, coverage: 0 })]);
    expect(await stored()).toMatchObject([
      { resource_id: '/one', metric: 'Available Memory Percentage', p05: 70 },
      { resource_id: '/one', metric: 'Percentage CPU', average: null, sample_count: 0, coverage: 0 },
    ]);
  });

  it('of a resource that is gone go with it, once a read was complete', async () => {
    await publish([record('/one'), record('/two')]);
    await publish([record('/one')], false);
    expect(await stored()).toHaveLength(2);
    await publish([record('/one')]);
    expect((await stored()).map(({ resource_id }) => resource_id)).toEqual(['/one']);
  });
});
