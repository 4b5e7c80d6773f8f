import { afterEach, describe, expect, it } from 'vitest';
import { SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient | undefined;
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

async function start(options: Parameters<typeof SandboxClient.start>[0]): Promise<{
  client: SandboxClient;
  headers: Record<string, string>;
}> {
  client = await SandboxClient.start({ tenants: 1, ...options });
  return { client, headers: await client.authorize() };
}

describe('the list of subscriptions', () => {
  it('is paged, without a link at its end', async () => {
    const { client: sandbox, headers } = await start({ subscriptions: 7, subscriptionsPage: 3, resources: 0 });
    const pages: string[][] = [];
    let target: string | undefined = '/subscriptions?api-version=2022-12-01';
    while (target) {
      const page = (await sandbox.call('GET', target, { headers })).json();
      expect(page.count).toEqual({ type: 'Total', value: page.value.length });
      pages.push(page.value.map(({ subscriptionId }: { subscriptionId: string }) => subscriptionId));
      target = page.nextLink;
      if (target) expect(target).toContain('&$skiptoken=');
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(new Set(pages.flat()).size).toBe(7);
    const bad = await sandbox.call('GET', '/subscriptions?api-version=2022-12-01&$skiptoken=x', { headers });
    expect(bad.status).toBe(400);
  });
});

describe('a large estate', () => {
  it('is queried up to its first ten thousand subscriptions, if the caller takes a part for the whole', async () => {
    const { client: sandbox, headers } = await start({ subscriptions: 10_001, resources: 0 });
    const count = (options: object): ReturnType<SandboxClient['call']> =>
      sandbox.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
        headers,
        body: {
          query: "resourcecontainers | where type == 'microsoft.resources/subscriptions' | count",
          ...options,
        },
      });
    const refused = await count({});
    expect([refused.status, refused.headers['x-ms-tenant-subscription-limit-hit']]).toEqual([400, 'true']);
    const partial = await count({ options: { allowPartialScopes: true } });
    expect(partial.json().data).toEqual([{ Count: 10_000 }]);
    expect(partial.headers['x-ms-tenant-subscription-limit-hit']).toBe('true');
    const ids = sandbox.sandbox.tenants[0]?.subscriptions.map(({ subscriptionId }) => subscriptionId) ?? [];
    expect((await count({ subscriptions: ids.slice(-1000) })).json().data).toEqual([{ Count: 1_000 }]);
    expect((await count({ subscriptions: ids.slice(0, 1001) })).status).toBe(400);
  });

  it('has as many machines as ordered, each with a disk and a card', async () => {
    const { client: sandbox, headers } = await start({ subscriptions: 3, resources: 100, vms: 5 });
    const answer = await sandbox.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
      headers,
      body: {
        query: `Resources | extend machine = tolower(iff(type == 'microsoft.compute/disks', managedBy, tostring(properties.virtualMachine.id)))
          | summarize all = count(), machines = countif(type == 'microsoft.compute/virtualmachines'),
            disks = countif(type == 'microsoft.compute/disks' and machine != ''),
            cards = countif(type == 'microsoft.network/networkinterfaces' and machine != '') by subscriptionId`,
      },
    });
    expect(answer.json().data).toHaveLength(3);
    for (const row of answer.json().data) expect(row).toMatchObject({ all: 100, machines: 5, disks: 5, cards: 5 });
    await expect(SandboxClient.start({ resources: 10, vms: 4 })).rejects.toThrow(/--vms 4/);
  });
});
