import { gzipSync } from 'node:zlib';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  CredentialError,
  SourceRejectedError,
  ThrottledError,
  TransientSourceError,
} from '#core/errors.js';
import { FakeAzure, openIdConfiguration, RESOURCE_MANAGER_URL, type FakeAnswer } from '../testing/fake-azure.js';
import { ManualClock } from '../testing/manual-clock.js';
import { apiOver, TENANT } from '../testing/read-harness.js';
import type { AzureApiOptions } from './azure-api.js';
import type { RequestObservation } from './azure-client.js';
import type { AzureRequest } from './azure-request.js';
import { parsePlainBody } from './json-body.js';
import { ResponseTooLargeError } from './refusals.js';

function setUp(answers: FakeAnswer[] = [], changes: Partial<AzureApiOptions> = {}) {
  const clock = new ManualClock();
  const queue = [...answers];
  const azure = new FakeAzure(() => queue.shift() ?? { json: { ok: true } });
  const observed: RequestObservation[] = [];
  const api = apiOver(azure, { clock, onRequest: (observation) => observed.push(observation), ...changes });
  const send = (request: Partial<AzureRequest> = {}) =>
    api.forTenant(TENANT).send({
      method: 'GET',
      target: '/things',
      query: { 'api-version': '2020-01-01' },
      parse: (body) => body.length,
      connector: 'test',
      quota: { service: 'cost-management', scope: 's1' },
      need: { role: 'Reader', scope: 'subscription s1' },
      signal: new AbortController().signal,
      ...request,
    });
  return { azure, api, clock, observed, send };
}

describe('a request', () => {
  it('goes to the endpoint with token, client type and JSON body', async () => {
    const { azure, send } = setUp([{ body: '{"cost":1.50}' }]);
    const answer = await send({ method: 'POST', body: { a: 1 } });
    expect(Buffer.from(answer.body).toString()).toBe('{"cost":1.50}');
    const [request] = azure.requests;
    expect(request?.url.href).toBe(`${RESOURCE_MANAGER_URL}/things?api-version=2020-01-01`);
    expect(request?.text).toBe('{"a":1}');
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      clienttype: 'azcops',
      'content-type': 'application/json',
      'user-agent': 'azcops/test',
    });
    expect(request?.headers['x-ms-client-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('follows a link letter for letter, and no foreign one', async () => {
    const { azure, send } = setUp();
    const link = `${RESOURCE_MANAGER_URL}/x?$skiptoken=AQ%3D%3D`;
    await send({ target: link, query: {} });
    expect(azure.requests[0]?.url.href).toBe(link);
    await expect(send({ target: 'https://evil.test/x' })).rejects.toThrow(SourceRejectedError);
    expect(azure.requests).toHaveLength(1);
  });

  it('unpacks gzip and guards against what would fill the memory', async () => {
    const packed = (size: number) => ({ body: gzipSync('x'.repeat(size)), headers: { 'content-encoding': 'gzip' } });
    const { send } = setUp([packed(1000), packed(1001)], { maxResponseBytes: 1000 });
    expect((await send()).body).toHaveLength(1000);
    await expect(send()).rejects.toThrow(ResponseTooLargeError);
  });

  it('needs https', () => {
    expect(() => setUp([], { resourceManagerUrl: 'http://localhost' })).toThrow(ConfigurationError);
  });
});

describe('retry', () => {
  it('waits exactly as asked, else doubles, and reports each attempt', async () => {
    const quota = { 'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '31' };
    const { clock, observed, send } = setUp(
      [
        { status: 429, headers: { 'retry-after': '7' } },
        { status: 429, headers: quota },
        { network: 'ECONNRESET' },
        { status: 503 },
      ],
      { inlineWaitLimitMs: 60_000 },
    );
    await send();
    expect(clock.waits).toEqual([7_000, 31_000, 4_000, 8_000]);
    expect(observed.map(({ status, attempt, throttledBucket }) => [status, attempt, throttledBucket])).toEqual([
      [429, 1, 'general'],
      [429, 2, 'qpu'],
      [0, 3, undefined],
      [503, 4, undefined],
      [200, 5, undefined],
    ]);
  });

  it('does not wait after success, whatever the quota headers say', async () => {
    const { clock, send } = setUp([
      { headers: { 'x-ms-ratelimit-microsoft.costmanagement-entity-retry-after': '60' } },
    ]);
    await send();
    await send();
    expect(clock.waits).toEqual([]);
  });

  it('pauses before the next call when Resource Graph says that none is left', async () => {
    const { clock, send } = setUp([
      { headers: { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:05' } },
    ]);
    const graph = { quota: { service: 'resource-graph', scope: 'tenant' } } as const;
    await send(graph);
    await send();
    expect(clock.waits).toEqual([]);
    await send(graph);
    expect(clock.waits).toEqual([5_000]);
  });

  it('keeps the other scopes of a tenant from a quota that has closed for all of them', async () => {
    const tenant = { 'x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after': '60' };
    const { azure, send } = setUp([{ status: 429, headers: tenant }], { inlineWaitLimitMs: 5_000 });
    const of = (scope: string) => ({ quota: { service: 'cost-management', scope } }) as const;
    await expect(send(of('s1'))).rejects.toThrow(ThrottledError);
    await expect(send(of('s2'))).rejects.toThrow(/Waiting for Cost Management quota \(tenant\)/);
    expect(azure.requests).toHaveLength(1);
    const ofScope = { 'x-ms-ratelimit-microsoft.costmanagement-entity-retry-after': '60' };
    const other = setUp([{ status: 429, headers: ofScope }], { inlineWaitLimitMs: 5_000 });
    await expect(other.send(of('s1'))).rejects.toThrow(ThrottledError);
    await other.send(of('s2'));
    expect(other.azure.requests).toHaveLength(2);
  });

  it('gives up after five attempts', async () => {
    const five = (answer: FakeAnswer) => Array.from({ length: 6 }, () => answer);
    const busy = setUp(five({ status: 500 }));
    await expect(busy.send()).rejects.toThrow(TransientSourceError);
    expect(busy.azure.requests).toHaveLength(5);
    await expect(setUp(five({ network: 'ECONNREFUSED' })).send()).rejects.toThrow(/ECONNREFUSED/);
    const throttled = await setUp(five({ status: 429, headers: { 'retry-after': '9' } }))
      .send()
      .catch((e: unknown) => e);
    expect(throttled).toBeInstanceOf(ThrottledError);
    expect(throttled).toMatchObject({ retryAfterMs: 9_000 });
  });

  it('hands a long wait back at once', async () => {
    const { azure, clock, send } = setUp([{ status: 429, headers: { 'retry-after': '3600' } }]);
    await expect(send()).rejects.toMatchObject({ name: 'ThrottledError', retryAfterMs: 3_600_000 });
    expect([azure.requests.length, clock.waits]).toEqual([1, []]);
  });

  it('does not repeat refusals, nor a certificate that is not trusted', async () => {
    const refused = setUp([{ status: 404 }]);
    await expect(refused.send()).rejects.toThrow(SourceRejectedError);
    const untrusted = setUp([{ network: 'DEPTH_ZERO_SELF_SIGNED_CERT' }]);
    await expect(untrusted.send()).rejects.toThrow(/not trusted/);
    expect([refused.azure.requests.length, untrusted.azure.requests.length]).toEqual([1, 1]);
  });

  it('asks again for a body that cannot be read', async () => {
    const { clock, send } = setUp([{ body: '<html>' }, { body: '{"ok":' }, { json: { ok: true } }]);
    expect((await send({ parse: parsePlainBody })).json).toEqual({ ok: true });
    expect(clock.waits).toEqual([1_000, 2_000]);
  });

  it('takes silence as a network failure', async () => {
    const { azure, send } = setUp([{ silent: true }], { requestTimeoutMs: 20 });
    await send();
    expect(azure.requests).toHaveLength(2);
  });
});

describe('abort', () => {
  const reason = new Error('cancelled');
  it.each([
    ['before the request', (stop: AbortController) => stop.abort(reason), {}],
    ['during the request', (stop: AbortController) => setTimeout(() => stop.abort(reason), 10), { silent: true }],
  ])('ends it %s with its own reason', async (_when, abort, answer) => {
    const stop = new AbortController();
    abort(stop);
    const { observed, send } = setUp([answer]);
    await expect(send({ signal: stop.signal })).rejects.toBe(reason);
    expect(observed).toEqual([]);
  });

  it('ends a token request', async () => {
    const { azure, send } = setUp();
    azure.identity = () => ({ silent: true });
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 10);
    await expect(send({ signal: stop.signal })).rejects.toBe(reason);
  });

  it('ends a wait', async () => {
    const stop = new AbortController();
    const clock = new ManualClock();
    clock.sleep = async (_ms, signal) => {
      stop.abort(reason);
      signal?.throwIfAborted();
    };
    const { send } = setUp([{ status: 503 }], { clock });
    await expect(send({ signal: stop.signal })).rejects.toBe(reason);
  });
});

describe('tokens', () => {
  it('are asked for once however many requests start together, in the tenant that is read', async () => {
    const { azure, send } = setUp();
    await Promise.all(Array.from({ length: 20 }, () => send()));
    expect(azure.tokenRequests).toHaveLength(1);
    expect(azure.tokenRequests[0]?.url.pathname).toBe(`/${TENANT.azureTenantId}/oauth2/v2.0/token`);
    const form = new URLSearchParams(azure.tokenRequests[0]?.text);
    expect(form.get('scope')).toContain('https://management.azure.com/.default');
  });

  it('are renewed when Azure challenges for claims', async () => {
    const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
    const challenge = { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${claims}"` };
    const { azure, clock, send } = setUp([{ status: 401, headers: challenge }]);
    await send();
    expect(azure.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(clock.waits).toEqual([]);
  });

  it('are not presented again once refused', async () => {
    const { azure, send } = setUp([{ status: 401, json: { error: { code: 'ExpiredAuthenticationToken' } } }]);
    await expect(send()).rejects.toThrow(CredentialError);
    expect(azure.requests).toHaveLength(1);
    await send();
    expect(azure.requests[1]?.headers['authorization']).toBe('Bearer token-2');
  });

  const refusal = (code: number, status = 400): FakeAnswer => ({
    status,
    json: { error: 'invalid_client', error_description: `AADSTS${code}: no. Trace ID: t`, error_codes: [code] },
  });

  it.each([
    [7000215, /secret is wrong/, /AZURE_CLIENT_SECRET/],
    [7000222, /secret has expired/, /new client secret/],
    [700016, /not known in the tenant/, /AZURE_CLIENT_ID/],
    [123, /AADSTS123/, /Check tenant id/],
  ])('refused with AADSTS%s are explained', async (code, message, action) => {
    const { azure, send } = setUp();
    azure.identity = ({ url }) => (url.pathname.endsWith('/token') ? refusal(code, 401) : openIdConfiguration(url));
    const error = await send().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CredentialError);
    expect((error as CredentialError).message).toMatch(message);
    expect((error as CredentialError).message).not.toContain('the-secret');
    expect((error as CredentialError).action).toMatch(action);
    expect(azure.tokenRequests).toHaveLength(1);
  });

  it('of an unknown tenant are refused by the metadata already', async () => {
    const { azure, send } = setUp();
    azure.identity = () => refusal(90002);
    await expect(send()).rejects.toThrow(/tenant does not exist \(AADSTS90002\)/);
  });

  it.each<[string, FakeAnswer]>([
    ['out of reach', { network: 'ECONNREFUSED' }],
    ['busy', { status: 503, body: 'oops' }],
  ])('are asked for again while Entra ID is %s', async (_name, answer) => {
    const { azure, clock, send } = setUp();
    azure.identity = () => answer;
    await expect(send()).rejects.toThrow(TransientSourceError);
    expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    azure.identity = null;
    await send();
  });

  it('need a credential that the configuration holds', () => {
    const { api } = setUp();
    for (const credentialRef of ['partner', 'constructor']) {
      expect(() => api.forTenant({ ...TENANT, credentialRef })).toThrow(CredentialError);
    }
  });
});

describe('signing in', () => {
  const signIn = (claims: object | null, credentialRef: string | null = null) => {
    const token = claims ? `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x` : 'opaque';
    const { api, azure } = setUp([], {
      credentials: {
        default: { clientId: 'configured', clientSecret: 's' },
        byRef: { CONTOSO: { clientId: 'c', clientSecret: 's' } },
      },
    });
    azure.identity = ({ url }) =>
      url.pathname.endsWith('/openid-configuration')
        ? openIdConfiguration(url)
        : claims && 'refused' in claims
          ? { status: 401, json: { error: 'invalid_client', error_description: 'AADSTS7000215: wrong.' } }
          : { json: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token } };
    return api.signIn({ ...TENANT, credentialRef }, new AbortController().signal);
  };

  it('tells which application the token is for', async () => {
    expect(await signIn({ appid: 'app-1' })).toEqual({ clientId: 'app-1', credential: 'the default credential' });
    expect(await signIn({ azp: 'app-2' })).toMatchObject({ clientId: 'app-2' });
    expect(await signIn(null)).toMatchObject({ clientId: 'configured' });
    expect(await signIn(null, 'CONTOSO')).toEqual({ clientId: 'c', credential: 'the credential "CONTOSO"' });
  });

  it('names the variables of the credential that is refused', async () => {
    await expect(signIn({ refused: true })).rejects.toMatchObject({
      action: expect.stringContaining('Set AZURE_CLIENT_SECRET'),
    });
    await expect(signIn({ refused: true }, 'CONTOSO')).rejects.toMatchObject({
      action: expect.stringContaining('Set AZURE_CREDENTIAL_CONTOSO_CLIENT_SECRET'),
    });
    await expect(signIn(null, 'NOBODY')).rejects.toMatchObject({
      name: 'CredentialError',
      action: expect.stringContaining('AZURE_CREDENTIAL_NOBODY_CLIENT_ID'),
    });
  });
});

describe('log lines', () => {
  it('tell one attempt each, and no secret', async () => {
    const lines: string[] = [];
    const sink = new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) });
    const { send } = setUp([{ status: 503 }], { logger: pino({ level: 'info' }, sink) });
    await send({ target: `${RESOURCE_MANAGER_URL}/x?$skiptoken=geheim`, query: {} });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { method: 'GET', status: 503, attempt: 1, connector: 'test', tenant_id: TENANT.id, request_id: 'fake-request' },
      { method: 'GET', status: 200, attempt: 2, operation_name: 'azure.request', duration_ms: 0 },
    ]);
    expect(lines.join('')).not.toMatch(/token-1|the-secret|geheim/);
  });
});
