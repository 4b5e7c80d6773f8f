import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signature } from '#delivery/webhook/webhook.channel.js';
import { HttpsReceiver } from '../../libs/delivery/testing/https-receiver.js';
import { writeCaBundle } from '../../scripts/ca-bundle.js';
import { AzCops } from '../harness/azcops.js';
import { SIGNING_SECRET } from '../harness/delivery.js';
import { showLogsOfFailures, until, type TestProcess } from '../harness/processes.js';
import { TestSandbox } from '../harness/sandbox.js';

describe('delivery', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let receiver: HttpsReceiver;
  let processes: TestProcess[];
  let tenantId: string;
  const folder = mkdtempSync(join(tmpdir(), 'azcops-delivery-'));
  showLogsOfFailures();

  beforeAll(async () => {
    receiver = await HttpsReceiver.start();
    sandbox = await TestSandbox.start({ tenants: 1, subscriptions: 1, resources: 20, now: '2026-11-26T08:00:00Z' });
    const [own, bundle] = [join(folder, 'receiver.pem'), join(folder, 'bundle.pem')];
    writeFileSync(own, receiver.ca);
    writeCaBundle(bundle, sandbox.description.caFile, own);
    azcops = await AzCops.open(sandbox, {
      env: {
        NODE_EXTRA_CA_CERTS: bundle,
        DELIVERY_ALLOWED_HOSTS: 'localhost',
        DELIVERY_SECRET_HOOK_SIGNING_SECRET: SIGNING_SECRET,
        DELIVERY_SECRET_CHAT_URL: `${receiver.url}/services/s3cr3t`,
      },
    });
    processes = await Promise.all([azcops.startApi(), azcops.startWorker(), azcops.startWorker()]);
    [tenantId] = (await azcops.register(0)) as [string];
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
    await receiver?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const channel = (body: object) =>
    azcops.fetch<{ id: string }>('POST', '/api/v1/delivery-channels', 201, { body: { tenant_id: tenantId, ...body } });

  it('carries what happens from the database to where people work, once each, and can be tested', async () => {
    const hook = await channel({ name: 'Hook', kind: 'webhook', url: `${receiver.url}/s3cr3t`, secret_ref: 'HOOK' });
    await channel({ name: 'Chat', kind: 'slack', secret_ref: 'CHAT' });
    const { status_url: statusUrl } = await azcops.fetch<{ status_url: string }>(
      'POST',
      `/api/v1/delivery-channels/${hook.id}/test`,
      202,
    );
    await until(
      'the test message',
      async () => (await azcops.get<{ status: string }>(statusUrl)).status === 'delivered',
    );
    await azcops.sql(
      `WITH found AS (
         INSERT INTO recommendations (tenant_id, source_id, rule, category, title, first_seen_at, last_seen_at)
         SELECT $1, n::text, 'unattached_disk', 'storage', 'Delete disk ' || n, now(), now() FROM generate_series(1, 20) n
         RETURNING tenant_id, id)
       INSERT INTO recommendation_events (tenant_id, recommendation_id, kind) SELECT tenant_id, id, 'found' FROM found`,
      [tenantId],
    );
    const deliveries = () => azcops.get<{ total: number }>('/api/v1/deliveries?status=delivered');
    await until('41 deliveries', async () => (await deliveries()).total === 41);

    const hooks = receiver.received.filter(({ path }) => path === '/s3cr3t');
    expect(hooks.map(({ json }) => json.type).sort()).toEqual([
      'delivery.test',
      ...Array.from({ length: 20 }, () => 'recommendation.found'),
    ]);
    expect(new Set(hooks.map(({ headers }) => headers['webhook-id'])).size).toBe(21);
    for (const { headers, body } of hooks) {
      const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']] as [string, string];
      expect(headers['webhook-signature']).toBe(signature(SIGNING_SECRET, id, timestamp, body));
    }
    expect(receiver.received.some(({ path }) => path === '/services/s3cr3t')).toBe(true);
    // Nothing that processes wrote leads to where the messages went.
    for (const process of processes) expect(process.lines.join('\n')).not.toMatch(/s3cr3t|whsec_/);
  });
});
