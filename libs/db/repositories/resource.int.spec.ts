import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceRecord } from '#core/records.js';
import { proof, resourceRecord } from '../../../test/harness/ingestion.js';
import { addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { ResourceRepository } from './resource.repository.js';

describe('the sink of an inventory', () => {
  let logins: TestLogins;
  let resources: ResourceRepository;
  let tenantId: string;
  let tenants = 0;
  let reads = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    resources = new ResourceRepository(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => void (tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`)));

  const open = () =>
    resources.openSink({
      tenantId,
      source: 'resource-graph',
      subscriptionId: null,
      range: null,
      runId: crypto.randomUUID(),
      startedAt: new Date(Date.UTC(2026, 4, (reads += 1))),
    });
  const read = async (...batches: ResourceRecord[][]) => {
    const sink = await open();
    for (const batch of batches) await sink.add(batch);
    return sink.publish(proof(), async () => undefined);
  };
  const stored = async <Row extends object>(columns: string) =>
    (
      await logins.owner.pool.query<Row>(`SELECT ${columns} FROM resources WHERE tenant_id = $1 ORDER BY resource_id`, [
        tenantId,
      ])
    ).rows;
  /** Long enough to be kept beside its row. */
  const long = (seed: number) => ({
    values: Array.from({ length: 2_000 }, (_, index) => (index * 7919 * seed) % 100_003),
    text: 'ä "\\\n😀',
  });

  it('keeps every value as it was found', async () => {
    const record = resourceRecord('/A/b', {
      resourceId: '/a/b',
      kind: 'k',
      location: 'westeurope',
      resourceGroup: 'rg',
      managedBy: '/owner',
      tags: { 'a:b': '', 'c"d': '{"e":1}' },
      sku: { name: 'S3', capacity: 100 },
      properties: { ...long(1), nothing: null, large: '9007199254740993', small: 1e-7 },
    });
    await read([record], [resourceRecord('/b', { sku: null })]);
    const columns = `resource_id AS "resourceId", original_id AS "originalId", subscription_id AS "subscriptionId", name, type,
      kind, location, resource_group AS "resourceGroup", managed_by AS "managedBy", tags, sku, properties`;
    expect(await stored(columns)).toEqual([record, resourceRecord('/b', { sku: null })]);
    expect(await stored('sku IS NULL AS none')).toEqual([{ none: false }, { none: true }]);
  });

  it('takes properties that have changed, and knows when those that have not were seen', async () => {
    await read([resourceRecord('/a', { properties: long(1) }), resourceRecord('/b', { properties: long(1) })]);
    await read([resourceRecord('/a', { properties: long(1) }), resourceRecord('/b', { properties: long(2) })]);
    expect(await stored('properties, last_seen_at - first_seen_at = $$1 day$$ AS again')).toEqual([
      { properties: long(1), again: true },
      { properties: long(2), again: true },
    ]);
  });

  it('cleans text of what PostgreSQL cannot hold', async () => {
    await read([resourceRecord('/a', { name: 'a\0b\ud800', properties: { text: '\0x\udc00y', literal: '\\u0000' } })]);
    expect(await stored('name, properties')).toEqual([
      { name: 'ab\ufffd', properties: { text: 'x\ufffdy', literal: '\\u0000' } },
    ]);
  });

  it('publishes nothing once a batch could not be written', async () => {
    const broken = [resourceRecord('/broken', { subscriptionId: null as unknown as string })];
    let published = false;
    const sink = await open();
    await sink.add([resourceRecord('/a')]);
    await sink.add(broken);
    const checkpoint = async () => void (published = true);
    await expect(sink.publish(proof(), checkpoint)).rejects.toThrow('subscription_id');
    await sink.discard();
    await expect(read(broken, [resourceRecord('/b')])).rejects.toThrow('subscription_id');
    expect(published).toBe(false);
    expect(await stored('name')).toEqual([{ name: 'a' }]);
  });

  it('moves the version of the data with each batch, though the window may fail', async () => {
    const version = async () =>
      (await logins.owner.pool.query('SELECT sum(version) FROM data_versions WHERE tenant_id = $1', [tenantId])).rows;
    const before = await version();
    const sink = await open();
    await sink.add([resourceRecord('/a')]);
    await sink.discard();
    expect(await stored('resource_id')).toHaveLength(1);
    expect(await version()).not.toEqual(before);
  });

  it('writes nothing any more once it was given up', async () => {
    const sink = await open();
    await sink.add(Array.from({ length: 100 }, (_, index) => resourceRecord(`/${index}`, { properties: long(index) })));
    await sink.discard();
    const then = await stored('name');
    expect(then).toHaveLength(100);
  });
});
