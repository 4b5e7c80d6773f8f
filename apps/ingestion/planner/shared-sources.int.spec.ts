import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, PlanRequest, WindowSpec } from '#core/connector.js';
import { addSubscription, addTenant } from '../../../test/harness/ledger.js';
import { proof, TestIngestion } from '../../../test/harness/ingestion.js';

/** A source that all tenants share: what of it is read is a region. */
class SharedSource {
  readonly requests: PlanRequest[] = [];

  readonly connector: Connector<'price'> = {
    id: 'shared',
    title: 'shared',
    api: 'shared',
    apiVersion: '1',
    requiredRoles: [],
    sharedForDays: 7,
    stage: 'metrics',
    produces: 'price',
    modes: ['full'],
    resourceTypes: ['vm'],
    windows: (request): WindowSpec[] => {
      this.requests.push(request);
      return [...request.regions.keys()].map((scope) => ({ scope, subscriptionId: null, range: null }));
    },
    // oxlint-disable-next-line require-yield -- a read without records is one, too
    async *read() {
      return proof();
    },
    async *check() {},
  };
}

describe('a source that all tenants share', () => {
  let ingestion: TestIngestion;
  let source: SharedSource;
  let one: string;
  let two: string;
  beforeAll(async () => {
    source = new SharedSource();
    ingestion = await TestIngestion.open({ connectors: new Map([['shared', source.connector as Connector]]) });
    [one, two] = [await addTenant(ingestion.logins.owner, 'one'), await addTenant(ingestion.logins.owner, 'two')];
    for (const [tenant, id] of [
      [one, 's1'],
      [one, 's2'],
      [two, 's3'],
    ] as const) {
      await addSubscription(ingestion.logins.owner, tenant, id);
    }
    await resource(one, 's1', 'westeurope');
    await resource(one, 's2', 'westeurope');
    await resource(one, 's2', 'eastus', { type: 'disk' });
    await resource(one, 's2', 'northeurope', { deleted: true });
    await resource(one, 'unread', 'uksouth');
    await resource(two, 's3', 'westeurope');
    await resource(two, 's3', null);
  });
  beforeEach(async () => {
    await ingestion.logins.owner.pool.query('DELETE FROM ingestion_windows');
    source.requests.length = 0;
  });
  afterAll(() => ingestion.end());

  let resources = 0;
  const resource = (
    tenantId: string,
    subscriptionId: string,
    location: string | null,
    { type = 'vm', deleted = false } = {},
  ) =>
    ingestion.logins.owner.pool.query(
      `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, location, first_seen_at,
         last_seen_at, deleted_at)
       VALUES ($1, $2, $2, $3, 'r', $4, $5, now(), now(), CASE WHEN $6 THEN now() END)`,
      [tenantId, `/r${(resources += 1)}`, subscriptionId, type, location, deleted],
    );
  const planned = async (tenantId: string | null, connectors: string[] | null = null) => {
    const { runId } = (await ingestion.request({ tenantId, connectors }))!;
    await ingestion.plan(runId);
    const windows = (await ingestion.windows(runId)).map(
      ({ tenant_id, scope }) => `${tenant_id === one ? 1 : 2} ${scope}`,
    );
    await ingestion.workOff(runId);
    expect((await ingestion.run(runId)).status).toBe('succeeded');
    return windows.toSorted();
  };

  it('is told the regions of what a tenant has, and which of its subscriptions hold it', async () => {
    await planned(one);
    expect(source.requests[0]!.regions).toEqual(new Map([['westeurope', ['s1', 's2']]]));
    await planned(two);
    expect([...source.requests[1]!.regions]).toEqual([
      ['global', ['s3']],
      ['westeurope', ['s3']],
    ]);
  });

  it('is read once for all tenants of a run', async () => {
    expect(await planned(null)).toEqual(['1 westeurope', '2 global']);
  });

  it('is not read again for another tenant while it is fresh, and is when it has aged', async () => {
    expect(await planned(one)).toEqual(['1 westeurope']);
    expect(await planned(two)).toEqual(['2 global']);
    expect(await planned(null)).toEqual([]);
    const age = (days: number) =>
      ingestion.logins.owner.pool.query(
        `UPDATE ingestion_windows SET finished_at = now() - $1 * interval '1 day' WHERE scope = 'westeurope'`,
        [days],
      );
    await age(6.9);
    expect(await planned(null)).toEqual([]);
    await age(7.1);
    expect(await planned(null)).toEqual(['1 westeurope']);
  });

  it('is read again when a read of it has not succeeded', async () => {
    await planned(one);
    await ingestion.logins.owner.pool.query(`UPDATE ingestion_windows SET status = 'failed'`);
    expect(await planned(two)).toEqual(['2 global', '2 westeurope']);
  });

  it('is read again for whoever asks for it by name', async () => {
    await planned(one);
    expect(await planned(null, ['shared'])).toEqual(['1 westeurope', '2 global']);
  });
});
