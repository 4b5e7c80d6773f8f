import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { expectSaneAnswer, HOME, TestApi } from '../testing/test-api.js';
import { newSigningKey, TestIdentityServer, type TestIssuer } from '../testing/test-issuer.js';

let database: TestDatabase;
let identity: TestIdentityServer;
/** A templated issuer, and one with a fixed name. */
let entra: TestIssuer;
let partner: TestIssuer;
let api: TestApi;
/** How far the verifier's clock is ahead. */
let aheadMs = 0;
const COOLDOWN_MS = 60;

const startApi = (issuers: TestIssuer[], cooldownMs = COOLDOWN_MS) =>
  TestApi.start(
    {
      databaseUrl: database.apiUrl,
      issuers,
      tokens: { cooldownMs, now: () => new Date(Date.now() + aheadMs) },
    },
    identity,
  );
beforeAll(async () => {
  [database, identity] = await Promise.all([createTestDatabase(), TestIdentityServer.start()]);
  entra = await identity.addIssuer('entra/{tenantid}/v2.0');
  partner = await identity.addIssuer('partner/v2.0');
  api = await startApi([entra, partner]);
});
afterEach(() => {
  aheadMs = 0;
});
afterAll(async () => {
  await api.close();
  await identity.stop();
  await database.drop();
});

const get = (token: string | null, headers?: Record<string, string>) =>
  api.call('GET', '/api/v1/tenants', { token, headers });
async function expectRefused(token: string | null, reason: RegExp, headers?: Record<string, string>): Promise<void> {
  const answer = await get(token, headers);
  expect([answer.status, answer.json.code, answer.json.detail]).toEqual([
    401,
    'unauthenticated',
    expect.stringMatching(reason),
  ]);
}
const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as object;

describe('bearer tokens', () => {
  it('are accepted from every configured issuer', async () => {
    expect((await get(await entra.sign())).status).toBe(200);
    expect((await get(await partner.sign())).status).toBe(200);
    expect((await get(await entra.sign(), { authorization: `bearer  ${await entra.sign()}` })).status).toBe(200);
  });

  it('are asked for without an error when there is none', async () => {
    const answer = await get(null);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="azcops"');
  });

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Token abc', 'Bearer a b', 'Bearer "quoted"', 'Bearer ünïcode'])(
    'are refused as no bearer token: %s',
    async (authorization) => {
      const answer = await get(null, { authorization });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    },
  );

  it.each([
    'abc',
    'a.b.c',
    'a.b',
    `${encode({ alg: 'RS256' })}.${encode(null)}.x`,
    `${encode({ alg: 'RS256' })}.${encode([])}.x`,
    `${encode('text')}.${encode({ tid: HOME, iss: 'x' })}.x`,
    `${encode({ alg: 'RS256' })}.bm90IGpzb24.x`,
    'x'.repeat(10_000),
  ])('are refused when malformed: %.40s', (token) =>
    expectRefused(token, /not a JWT|names no tenant|issuer|malformed/),
  );

  it('are refused when damaged', async () => {
    const token = await entra.sign();
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const issuer = (claimsOf(token) as { iss: string }).iss;
    const own = { ...claimsOf(token), iss: issuer };
    await expectRefused(`${header}.${encode({ ...own, roles: ['AzCops.Admin'] })}.${signature}`, /signature is wrong/);
    await expectRefused(`${header}.${payload}.`, /signature is wrong|malformed/);
    await expectRefused(`${header}.${payload}.${signature.slice(0, -8)}`, /signature is wrong/);
    await expectRefused(`${encode('text')}.${payload}.${signature}`, /malformed|RS256/);
    await expectRefused(
      `${encode({ alg: 'RS256', kid: entra.keys[0]!.kid, crit: ['b64'] })}.${payload}.${signature}`,
      /malformed/,
    );
  });

  it('are refused when expired or not yet valid, beyond half a minute of clock skew', async () => {
    await expectRefused(await entra.sign({ expiresIn: -60 }), /has expired/);
    await expectRefused(await entra.sign({ notBefore: 120 }), /not valid yet/);
    expect((await get(await entra.sign({ expiresIn: -10 }))).status).toBe(200);
    const soonOver = await entra.sign({ expiresIn: 600 });
    aheadMs = 599_000;
    expect((await get(soonOver)).status).toBe(200);
    aheadMs = 700_000;
    await expectRefused(soonOver, /has expired/);
  });

  it('are refused without an end', async () => {
    await expectRefused(await entra.sign({ claims: { exp: undefined } }), /exp is missing/);
    await expectRefused(await entra.sign({ claims: { exp: 'tomorrow' } }), /exp is missing or wrong|malformed/);
  });

  it('are refused for another audience', async () => {
    await expectRefused(await entra.sign({ audience: 'api://other' }), /another audience/);
    await expectRefused(await entra.sign({ claims: { aud: undefined } }), /another audience/);
    expect((await get(await entra.sign({ claims: { aud: ['api://other', 'api://azcops'] } }))).status).toBe(200);
  });

  it('are refused from an issuer that is not configured', async () => {
    const foreign = await identity.addIssuer('foreign/v2.0');
    await expectRefused(await foreign.sign(), /issuer that is not accepted/);
    await expectRefused(await foreign.sign({ issuer: `${entra.issuer}` }), /issuer that is not accepted/);
    await expectRefused(await entra.sign({ claims: { iss: undefined } }), /issuer that is not accepted/);
    await expectRefused(await entra.sign({ claims: { iss: [partner.issuer] } }), /issuer that is not accepted/);
    await expectRefused(await partner.sign({ issuer: `${partner.issuer}/` }), /issuer that is not accepted/);
    expect(foreign.keySetRequests).toBe(0);
  });

  it('are refused when the issuer’s tenant is not the token’s', async () => {
    const other = '10000000-0000-4000-8000-000000000002';
    const crossed = await entra.sign({ tid: HOME, issuer: entra.issuer.replace('{tenantid}', other) });
    await expectRefused(crossed, /issuer that is not accepted/);
    const cased = 'abcdef00-0000-4000-8000-00000000abcd';
    const shouted = await entra.sign({ tid: cased, issuer: entra.issuer.replace('{tenantid}', cased.toUpperCase()) });
    await expectRefused(shouted, /issuer that is not accepted/);
  });

  it.each(['common', '', '../partner', `${HOME}/..`, '{tenantid}', '$&', 7, null])(
    'are refused when the tid is not a GUID: %s',
    async (tid) => {
      const token = await entra.sign({ tid: String(tid), claims: { tid } });
      await expectRefused(token, /names no tenant/);
      await expectRefused(await partner.sign({ claims: { tid } }), /names no tenant/);
    },
  );

  it('are refused without a principal', async () => {
    await expectRefused(await entra.sign({ claims: { oid: undefined } }), /names no principal/);
    expect((await get(await entra.sign({ claims: { oid: undefined, sub: 'someone' } }))).status).toBe(200);
  });

  it('are refused unsigned', async () => {
    const payload = encode(claimsOf(await entra.sign()));
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const signature of ['', 'AAAA']) {
        await expectRefused(
          `${encode({ alg, kid: entra.keys[0]!.kid })}.${payload}.${signature}`,
          /RS256|malformed|not a JWT/,
        );
      }
    }
  });

  it('are refused when signed with the public key as a secret', async () => {
    const { kid, jwk } = entra.keys[0]!;
    const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' });
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      jwk.n!,
    ];
    const signed = `${encode({ alg: 'HS256', kid })}.${encode(claimsOf(await entra.sign()))}`;
    for (const secret of secrets) {
      const mac = createHmac('sha256', secret).update(signed).digest('base64url');
      await expectRefused(`${signed}.${mac}`, /not signed with RS256/);
    }
  });

  it.each(['RS512', 'PS256'])('are refused when signed with %s', async (alg) => {
    const { importJWK, exportJWK } = await import('jose');
    const key = entra.keys[0]!;
    const privateKey = await importJWK({ ...(await exportJWK(key.privateKey)), alg }, alg);
    const token = await entra.sign({
      key: { ...key, privateKey: privateKey as typeof key.privateKey },
      header: { alg },
    });
    await expectRefused(token, /not signed with RS256/);
  });

  it('are refused when signed with another key, or a key of another issuer', async () => {
    const { kid } = entra.keys[0]!;
    await expectRefused(await entra.sign({ key: await newSigningKey(kid) }), /signature is wrong/);
    await expectRefused(await entra.sign({ key: await newSigningKey() }), /not one of its issuer's/);
    await expectRefused(await entra.sign({ key: partner.keys[0]! }), /not one of its issuer's/);
    await expectRefused(await partner.sign({ key: entra.keys[0]! }), /not one of its issuer's/);
    await expectRefused(await partner.sign({ key: partner.keys[0]!, header: { kid } }), /not one of its issuer's/);
    await expectRefused(await entra.sign({ header: { kid: undefined } }), /does not name its key/);
  });

  it('never take keys from the token itself', async () => {
    const mine = await newSigningKey();
    const header = { jwk: mine.jwk, jku: `${identity.origin}/partner/keys`, kid: entra.keys[0]!.kid };
    await expectRefused(await entra.sign({ key: mine, header }), /signature is wrong/);
  });

  it('are refused when the key may only sign for another issuer', async () => {
    const tid = '10000000-0000-4000-8000-000000000003';
    const bound = await newSigningKey('bound', { issuer: entra.issuer.replace('{tenantid}', tid) });
    const templated = await newSigningKey('templated', { issuer: entra.issuer });
    const before = entra.keys;
    entra.keys = [...before, bound, templated];
    await new Promise((resolve) => setTimeout(resolve, COOLDOWN_MS + 20));
    expect((await get(await entra.sign({ tid, key: bound }))).status).toBe(200);
    await expectRefused(await entra.sign({ tid: HOME, key: bound }), /key of another issuer/);
    expect((await get(await entra.sign({ tid: HOME, key: templated }))).status).toBe(200);
    entra.keys = before;
  });

  it('follow a key rollover without a restart, and fetch unknown keys no more often than the cooldown says', async () => {
    const issuer = await identity.addIssuer('rolling/{tenantid}/v2.0');
    const rolling = await startApi([issuer], 250);
    try {
      const call = async (token: string) => (await rolling.call('GET', '/api/v1/tenants', { token })).status;
      // Made beforehand: making a key takes longer than the cooldown on a busy machine.
      const next = await newSigningKey();
      const old = await issuer.sign();
      const unseen = await issuer.sign();
      expect(await call(old)).toBe(200);
      issuer.keys = [next];
      const fresh = await issuer.sign();
      // Within the cooldown nothing is fetched: a flood of made-up keys must not become a flood on the issuer.
      expect(await Promise.all([fresh, fresh, fresh].map(call))).toEqual([401, 401, 401]);
      expect(issuer.keySetRequests).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 260));
      expect(await Promise.all([fresh, fresh, fresh].map(call))).toEqual([200, 200, 200]);
      expect(issuer.keySetRequests).toBe(2);
      expect(await call(unseen)).toBe(401);
    } finally {
      await rolling.close();
    }
  });

  it('are taken for good without another look for a minute at most, and never past their expiry', async () => {
    const issuer = await identity.addIssuer('remembered/{tenantid}/v2.0');
    const remembering = await startApi([issuer]);
    try {
      const call = async (token: string) => (await remembering.call('GET', '/api/v1/tenants', { token })).status;
      const [long, short] = [await issuer.sign(), await issuer.sign({ expiresIn: 20 })];
      expect([await call(long), await call(short)]).toEqual([200, 200]);
      issuer.keys = [await newSigningKey()];
      aheadMs = 50_000;
      await new Promise((resolve) => setTimeout(resolve, COOLDOWN_MS + 20));
      // A key set that no longer has the key is not even asked.
      expect([await call(long), await call(short)]).toEqual([200, 401]);
      aheadMs = 61_000;
      await call(await issuer.sign());
      expect(await call(long)).toBe(401);
    } finally {
      await remembering.close();
    }
  });

  it('are answered with 503 while the key set cannot be had, and work again afterwards', async () => {
    const issuer = await identity.addIssuer('shaky/{tenantid}/v2.0');
    const shaky = await startApi([issuer]);
    try {
      const token = await issuer.sign();
      const call = () => shaky.call('GET', '/api/v1/tenants', { token });
      for (const [part, state] of [
        ['discovery', 'down'],
        ['discovery', 'wrong'],
        ['keySet', 'down'],
        ['keySet', 'error'],
        ['keySet', 'wrong'],
      ] as const) {
        (issuer as Record<'discovery' | 'keySet', string>)[part] = state;
        const answer = await call();
        expect([answer.status, answer.json.code], `${part} ${state}`).toEqual([503, 'overloaded']);
        expect(answer.json.detail).toContain("token's issuer");
        expect(answer.headers['retry-after']).toBe('5');
        (issuer as Record<'discovery' | 'keySet', string>)[part] = 'up';
      }
      expect((await call()).status).toBe(200);
      // Keys that are known stay good when the issuer goes away.
      issuer.keySet = 'down';
      issuer.discovery = 'down';
      expect((await call()).status).toBe(200);
    } finally {
      await shaky.close();
    }
  });

  it('are not needed for health, documentation and what does not exist', async () => {
    for (const url of ['/health', '/health/live', '/health/ready', '/openapi.json', '/docs']) {
      expect((await api.call('GET', url, { token: null })).status, url).toBe(200);
    }
    const missing = await api.call('GET', '/api/v1/nothing', { token: null });
    expectSaneAnswer(missing);
    expect(missing.status).toBe(404);
  });
});
