import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL_KINDS } from '#core/delivery.js';
import { signature } from '#delivery/webhook/webhook.channel.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { projectRoot } from '../../../scripts/project.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { delivery } from '../deliveries/deliveries.schema.js';
import { strict } from '../testing/strict-schema.js';
import { fieldsOf, TestApi, type Answer } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { deliveryChannel, queuedTest } from './delivery-channels.schema.js';

const URL = '/api/v1/delivery-channels';
const SECRET_URL = 'https://hooks.example.com/services/T0/B0/s3cr3t?code=k3y';

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  api = await TestApi.start({
    databaseUrl: database.apiUrl,
    environment: { DELIVERY_SECRET_CONTOSO_TENANT_ID: CONTOSO, DELIVERY_ALLOWED_HOSTS: 'Jira.corp.example,10.1.2.3' },
  });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

let names = 0;
const draft = (changes: Record<string, unknown> = {}) => ({
  tenant_id: estate.contoso,
  name: `channel ${(names += 1)}`,
  kind: 'webhook',
  url: SECRET_URL,
  secret_ref: 'OPS',
  ...changes,
});
const post = async (body: unknown, tid?: string): Promise<Answer> =>
  api.call('POST', URL, { body, token: tid && (await api.token('AzCops.Admin', tid)) });
const patch = async (id: string, body: unknown, tid?: string): Promise<Answer> =>
  api.call('PATCH', `${URL}/${id}`, { body, token: tid && (await api.token('AzCops.Admin', tid)) });
const created = async (changes: Record<string, unknown> = {}, tid?: string) => {
  const answer = await post(draft(changes), tid);
  expect(answer.status, answer.text).toBe(201);
  return strict(deliveryChannel).parse(answer.json);
};
const owner = <T>(sql: string, values: unknown[]) =>
  withClient(database.ownerUrl, async (client) => (await client.query(sql, values)).rows as T[]);

describe('a channel', () => {
  it('is made, shown, changed and removed, each audited', async () => {
    const filter = {
      event_kinds: ['found', 'resolved'],
      subscription_ids: [SUBSCRIPTION.contoso.toUpperCase(), SUBSCRIPTION.contoso],
      minimum_monthly_savings: { EUR: '100.50' },
    };
    const channel = await created({ name: 'Operations', filter });
    expect(channel).toMatchObject({
      name: 'Operations',
      kind: 'webhook',
      secret_ref: 'OPS',
      options: {},
      filter: { ...filter, subscription_ids: [SUBSCRIPTION.contoso] },
      digest: 'each',
      enabled: true,
    });
    expect((await api.call('GET', `${URL}/${channel.id}`)).json).toEqual(channel);
    expect((await api.call('GET', `${URL}?kind=webhook&tenant_id=${estate.contoso}`)).json.items).toContainEqual(
      channel,
    );

    const changed = await patch(channel.id, { name: 'Night shift', digest: 'daily', enabled: false, filter: {} });
    expect(strict(deliveryChannel).parse(changed.json)).toMatchObject({
      name: 'Night shift',
      digest: 'daily',
      enabled: false,
      filter: {},
      url: 'https://hooks.example.com/…',
    });
    expect((await api.call('DELETE', `${URL}/${channel.id}`)).status).toBe(204);
    expect((await api.call('GET', `${URL}/${channel.id}`)).status).toBe(404);
    const log = await api.call('GET', `/api/v1/audit-logs?object_id=${channel.id}&sort=created_at`);
    expect(log.json.items.map(({ action }: any) => action)).toEqual([
      'delivery_channel.create',
      'delivery_channel.update',
      'delivery_channel.delete',
    ]);
  });

  it('shows its URL nowhere: not in answers, not in the audit log', async () => {
    const channel = await created();
    expect(channel.url).toBe('https://hooks.example.com/…');
    const moved = await patch(channel.id, { url: 'https://other.example.com/s3cr3t/k3y' });
    expect(moved.json.url).toBe('https://other.example.com/…');
    const [stored] = await owner<{ url: string }>('SELECT url FROM delivery_channels WHERE id = $1', [channel.id]);
    expect(stored!.url).toBe('https://other.example.com/s3cr3t/k3y');
    const log = await api.call('GET', `/api/v1/audit-logs?object_id=${channel.id}`);
    expect(log.json.total).toBe(2);
    for (const { text } of [moved, log]) expect(text).not.toMatch(/s3cr3t|k3y/);
    await api.call('DELETE', `${URL}/${channel.id}`);
  });

  it('has a name of its own within its tenant, free again once it is removed', async () => {
    const { id } = await created({ name: 'Taken' });
    const again = await post(draft({ name: 'Taken' }));
    expect([again.status, again.json.detail]).toEqual([409, expect.stringContaining('"Taken"')]);
    expect((await patch((await created()).id, { name: 'Taken' })).status).toBe(409);
    await created({ name: 'Taken', tenant_id: estate.fabrikam });
    await api.call('DELETE', `${URL}/${id}`);
    await created({ name: 'Taken' });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['nothing', { name: undefined, kind: undefined, secret_ref: undefined }, ['kind', 'name', 'secret_ref']],
    ['an unknown kind', { kind: 'email' }, ['kind']],
    ['an unknown member', { password: 'x' }, ['password']],
    ['a secret instead of its name', { secret_ref: 'whsec_abc' }, ['secret_ref']],
    ['no URL where one is needed', { url: undefined }, ['url']],
    ['plain HTTP', { url: 'http://hooks.example.com/' }, ['url']],
    ['another scheme', { url: 'file:///etc/passwd' }, ['url']],
    ['no URL at all', { url: 'hooks.example.com' }, ['url']],
    ['credentials in the URL', { url: 'https://user:pw@hooks.example.com/' }, ['url']],
    ['options that no kind knows', { options: { color: 'red' } }, ['options.color']],
    ['an unknown event', { filter: { event_kinds: ['deleted'] } }, ['filter.event_kinds.0']],
    ['an empty filter member', { filter: { rules: [] } }, ['filter.rules']],
    ['a float', { filter: { minimum_monthly_savings: { EUR: 100 } } }, ['filter.minimum_monthly_savings.EUR']],
    ['no currency', { filter: { minimum_monthly_savings: { euro: '1' } } }, ['filter.minimum_monthly_savings.euro']],
    ['a URL though it is a secret', { kind: 'slack' }, ['url']],
    ['options of another kind', { options: { project_key: 'FIN' } }, ['options.project_key']],
    ['no project', { kind: 'jira' }, ['options.project_key']],
    ['a project that is none', { kind: 'jira', options: { project_key: 'FIN" OR 1=1' } }, ['options.project_key']],
    ['a label of two words', { kind: 'jira', options: { project_key: 'FIN', labels: ['a b'] } }, ['options.labels.0']],
    ['a table that is none', { kind: 'servicenow', options: { table: '../x' } }, ['options.table']],
    ['no text in a field', { kind: 'servicenow', options: { fields: { urgency: 3 } } }, ['options.fields.urgency']],
    ['a digest of tickets', { kind: 'servicenow', digest: 'daily' }, ['digest']],
    ['an unregistered tenant', { tenant_id: '99999999-9999-4999-8999-999999999999' }, ['tenant_id']],
  ])('is refused with %s', async (_what, changes, fields) => {
    const answer = await post(draft(changes));
    expect([answer.status, fieldsOf(answer)], answer.text).toEqual([400, fields]);
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://localhost/',
    'https://db.localhost/',
    'https://intranet/',
    'https://vault.internal/',
    'https://printer.local/',
    'https://10.1.2.4/',
    'https://172.31.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/metadata/instance',
    'https://168.63.129.16/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://0.0.0.0/',
  ])('may not lead to %s', async (url) => {
    const answer = await post(draft({ url }));
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['url']]);
    expect(answer.json.detail).toContain('private address');
  });

  it('is of any kind, with what that needs to know', async () => {
    const chat = { url: undefined, digest: 'daily' };
    expect(await created({ kind: 'slack', ...chat })).toMatchObject({ url: null, options: {} });
    await created({ kind: 'teams', ...chat });
    const desk = await created({ kind: 'servicenow', url: 'https://example.service-now.com' });
    expect(desk).toMatchObject({ url: 'https://example.service-now.com', options: {} });
    const options = { project_key: 'FIN', close_transition: 'Done' };
    const board = await created({ kind: 'jira', url: 'https://example.atlassian.net/', options });
    expect(board).toMatchObject({ url: 'https://example.atlassian.net', options });
    const changed = await patch(board.id, { options: { project_key: 'OPS' } });
    expect(changed.json.options).toEqual({ project_key: 'OPS' });
    expect(fieldsOf(await patch(board.id, { options: { table: 'incident' } }))).toEqual([
      'options.project_key',
      'options.table',
    ]);
    expect(fieldsOf(await patch(board.id, { digest: 'daily', url: null }))).toEqual(['digest', 'url']);
  });

  it('may lead to private hosts that the operator has named', async () => {
    await created({ url: 'https://JIRA.corp.example/' });
    await created({ url: 'https://10.1.2.3:8443/hook' });
    await created({ url: 'https://93.184.215.14/hook' });
  });
});

describe('secrets', () => {
  it('are the operator’s to name, or those of the tenant that they are bound to', async () => {
    const channel = await created({ secret_ref: 'CONTOSO' }, CONTOSO);
    for (const [secret_ref, tid] of [
      ['OPS', CONTOSO],
      ['constructor'.toUpperCase(), CONTOSO],
      ['CONTOSO', FABRIKAM],
    ]) {
      const answer = await post(
        draft({ secret_ref, tenant_id: tid === CONTOSO ? estate.contoso : estate.fabrikam }),
        tid,
      );
      expect([answer.status, answer.json.detail], answer.text).toEqual([403, expect.stringContaining('_TENANT_ID')]);
    }
    expect((await patch(channel.id, { secret_ref: 'OPS' }, CONTOSO)).status).toBe(403);
    expect((await patch(channel.id, { url: 'https://new.example.com/' }, CONTOSO)).status).toBe(200);
  });

  it('cannot be led elsewhere by those who may not name them', async () => {
    const { id } = await created({ secret_ref: 'OPS' });
    for (const change of [{ url: 'https://attacker.example/' }, { options: {} }, { url: null }]) {
      expect((await patch(id, change, CONTOSO)).status, JSON.stringify(change)).toBe(403);
    }
    expect((await patch(id, { secret_ref: 'CONTOSO' }, CONTOSO)).status).toBe(403);
    expect((await patch(id, { filter: { rules: ['a'] }, enabled: false, name: 'Mine' }, CONTOSO)).status).toBe(200);
  });
});

describe('a test message', () => {
  it('is queued, also for a disabled channel, and says where to look', async () => {
    const { id } = await created({ enabled: false });
    const answer = await api.call('POST', `${URL}/${id}/test`);
    expect(answer.status).toBe(202);
    const { delivery_id, status_url } = strict(queuedTest).parse(answer.json);
    const { json } = await api.call('GET', status_url);
    expect(strict(delivery).parse(json)).toMatchObject({
      id: delivery_id,
      channel_id: id,
      channel_kind: 'webhook',
      kind: 'test',
      status: 'pending',
      attempts: 0,
      next_attempt_at: expect.any(String),
    });
    expect((await api.call('GET', `/api/v1/audit-logs?object_id=${id}&action=delivery_channel.test`)).json.total).toBe(
      1,
    );
  });

  it('is given up with its channel', async () => {
    const { id } = await created();
    const { json } = await api.call('POST', `${URL}/${id}/test`);
    await api.call('DELETE', `${URL}/${id}`);
    expect((await api.call('GET', json.status_url)).json).toMatchObject({
      status: 'failed',
      reason: 'The channel was removed.',
      finished_at: expect.any(String),
    });
    const retried = await api.call('POST', `${json.status_url}/retry`);
    expect([retried.status, retried.json.detail]).toEqual([409, 'The channel of the delivery was removed.']);
  });
});

describe('deliveries', () => {
  it('are listed by channel, status and recommendation', async () => {
    const total = async (query: string) => (await api.call('GET', `/api/v1/deliveries?${query}`)).json.total;
    expect(await total(`channel_id=${estate.contosoChannel}&status=failed`)).toBe(1);
    expect(await total(`channel_id=${estate.contosoChannel}&status=delivered`)).toBe(0);
    await owner(`INSERT INTO recommendation_events (tenant_id, recommendation_id, kind) VALUES ($1, $2, 'found')`, [
      estate.fabrikam,
      estate.fabrikamFinding,
    ]);
    const { json } = await api.call(
      'GET',
      `/api/v1/deliveries?recommendation_id=${estate.fabrikamFinding}&channel_id=${estate.fabrikamChannel}`,
    );
    expect(json.items).toMatchObject([{ kind: 'event', event_kind: 'found', status: 'pending' }]);
  });

  it('that failed are tried again under the same id, by whoever may approve, and audited', async () => {
    const url = `/api/v1/deliveries/${estate.contosoDelivery}`;
    const token = await api.token('AzCops.Approver', CONTOSO);
    const { status, json } = await api.call('POST', `${url}/retry`, { token });
    expect([status, json.id, json.status]).toEqual([200, estate.contosoDelivery, 'pending']);
    const again = await api.call('POST', `${url}/retry`, { token });
    expect([again.status, again.json.detail]).toEqual([409, expect.stringContaining('is pending')]);
    const log = await api.call('GET', `/api/v1/audit-logs?object_id=${estate.contosoDelivery}`);
    expect(log.json.items).toMatchObject([{ action: 'delivery.retry' }]);
  });
});

describe('docs/delivery.md', () => {
  const page = readFileSync(join(projectRoot, 'docs/delivery.md'), 'utf8');
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);

  it('has an example of each kind, which the API takes', async () => {
    const examples = blocks('json').map((text) => JSON.parse(text));
    expect(examples.map(({ kind }) => kind)).toEqual(CHANNEL_KINDS);
    for (const { url, ...example } of examples) {
      await created({ ...example, url, tenant_id: estate.contoso, name: `${example.name}, as documented` });
    }
  });

  it('shows how to verify a signature', async () => {
    const [source] = blocks('js') as [string];
    const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const headers = { 'webhook-id': 'a', 'webhook-timestamp': '1795694400', 'webhook-signature': 'v1,AAAA' };
    const at = 1_795_694_400_000;
    expect(isGenuine(headers, '{}', secret, at)).toBe(false);
    headers['webhook-signature'] += ` ${signature(secret, 'a', '1795694400', '{}')}`;
    expect(isGenuine(headers, '{}', secret, at)).toBe(true);
    expect(isGenuine(headers, '{ }', secret, at)).toBe(false);
    expect(isGenuine(headers, '{}', secret, at + 301_000)).toBe(false);
  });
});
