import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
let headers: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start();
  headers = await client.authorize();
});
afterAll(() => client.stop());

const query = (body: object, extra: Record<string, string> = {}): Promise<Answer> =>
  client.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
    headers: { ...headers, ...extra },
    body,
  });

describe('resources', () => {
  it('pages over the whole tenant without gaps', async () => {
    const text = 'Resources | project id, type, subscriptionId | order by id asc';
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const answer = (
        await query({ query: text, options: { $top: 30, ...(token ? { $skipToken: token } : {}) } })
      ).json();
      expect(answer).toMatchObject({
        totalRecords: 80,
        facets: [],
        resultTruncated: seen.length + 30 < 80 ? 'true' : 'false',
      });
      seen.push(...answer.data.map(({ id }: { id: string }) => id));
      token = answer.$skipToken;
    } while (token);
    expect(new Set(seen).size).toBe(80);
    expect(seen).toEqual([...seen].sort());
  });

  it('hands out an offset as token', async () => {
    const { $skipToken: token } = (
      await query({ query: 'Resources | order by id asc', options: { $top: 3, $skip: 3 } })
    ).json();
    expect(JSON.parse(Buffer.from(token, 'base64').toString())).toMatchObject({ MaxRows: 3, RowsToSkip: 6 });
  });

  it('pages neither a query with its own limit nor columns without scalars', async () => {
    for (const text of ['Resources | take 9', 'Resources | project properties']) {
      const answer = (await query({ query: text, options: { $top: 5 } })).json();
      expect(answer.resultTruncated).toBe('true');
      expect(answer).not.toHaveProperty('$skipToken');
    }
  });

  it('reports the quota on answers and refusals', async () => {
    for (const text of ['Resources | count', 'Resources | where']) {
      const answer = await query({ query: text });
      expect(answer.headers['x-ms-user-quota-remaining']).toBe('14');
      expect(answer.headers['x-ms-user-quota-resets-after']).toBe('00:00:05');
    }
  });

  it('drops foreign subscriptions silently unless none is left', async () => {
    const foreign = client.subscription(0, 1);
    const both = await query({ query: 'Resources | count', subscriptions: [client.subscription(0), foreign] });
    expect(both.json().data).toEqual([{ Count: 40 }]);
    expect((await query({ query: 'Resources | count', subscriptions: [foreign] })).status).toBe(403);
  });

  it('answers as a table with column types', async () => {
    const { data } = (
      await query({
        query:
          'resourcecontainers | where type == "microsoft.resources/subscriptions" | project name, properties, n = 1 | order by name asc',
        options: { resultFormat: 'Table' },
      })
    ).json();
    expect(data.columns).toEqual([
      { name: 'name', type: 'string' },
      { name: 'properties', type: 'object' },
      { name: 'n', type: 'integer' },
    ]);
    expect(data.rows.map(([name]: [string]) => name)).toEqual(['Contoso Development', 'Contoso Production']);
  });

  it('holds every kind of resource, left-overs included', async () => {
    const types = (await query({ query: 'Resources | distinct type' })).json().data.length;
    expect(types).toBeGreaterThanOrEqual(14);
    const count = async (condition: string): Promise<number> =>
      (await query({ query: `Resources | where ${condition} | count` })).json().data[0].Count;
    expect(await count("type == 'microsoft.compute/disks' and properties.diskState == 'Unattached'")).toBeGreaterThan(
      0,
    );
    expect(
      await count("type == 'microsoft.network/publicipaddresses' and isnull(properties.ipConfiguration)"),
    ).toBeGreaterThan(0);
    expect(
      await count("type == 'microsoft.network/networkinterfaces' and isnull(properties.virtualMachine)"),
    ).toBeGreaterThan(0);
    expect(await count('type != tolower(type) or resourceGroup != tolower(resourceGroup)')).toBe(0);
    expect(await count('id != tolower(id)')).toBe(80);
  });

  it('refuses bad queries in the recorded shape', async () => {
    const answer = await query({ query: 'Resources | where' });
    expect(answer.status).toBe(400);
    const { error } = answer.json();
    expect(error.message).toMatch(
      /^Please provide below info when asking for support: timestamp = 2026-03-20T10:00:00\.0000000Z, correlationId = /,
    );
    expect(error.details).toEqual([
      {
        code: 'InvalidQuery',
        message:
          'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.',
      },
      {
        code: 'ParserFailure',
        message: 'ParserFailure',
        line: 1,
        characterPositionInLine: 17,
        token: '<EOF>',
        expectedToken: 'Ǐ',
      },
    ]);
    expect((await query({ query: 'Resources | count', options: { $top: 1001 } })).status).toBe(400);
    expect((await query({ query: 'Resources' }, { 'content-type': 'text/plain' })).status).toBe(500);
    const malformed = await client.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{',
    });
    expect(malformed.status).toBe(400);
  });

  it('throttles only when told to', async () => {
    await client.admin('PUT', '/throttling', { resourceGraph: true });
    const statuses: number[] = [];
    for (let n = 0; n < 16; n++) statuses.push((await query({ query: 'Resources | count' })).status);
    const refused = await query({ query: 'Resources | count' });
    await client.admin('PUT', '/throttling', { resourceGraph: false });
    expect(statuses.slice(0, 15)).toEqual(Array(15).fill(200));
    expect([refused.status, refused.headers['retry-after'], refused.json().error.code]).toEqual([
      429,
      '5',
      'RateLimiting',
    ]);
    expect((await query({ query: 'Resources | count' })).status).toBe(200);
  });
});
