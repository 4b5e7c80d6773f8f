import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
beforeAll(async () => {
  client = await SandboxClient.start();
});
afterAll(() => client.stop());

const SCOPE = 'https://management.azure.com/.default';
const application = (): Record<string, string> => ({
  grant_type: 'client_credentials',
  client_id: client.sandbox.application.clientId,
  client_secret: client.sandbox.application.clientSecret,
  scope: SCOPE,
});

describe('tokens', () => {
  it('verify against the published keys and carry the tenant', async () => {
    const { homeTenantId, url } = client.sandbox;
    const configuration = (await client.call('GET', `/${homeTenantId}/v2.0/.well-known/openid-configuration`)).json();
    const keys = (await client.call('GET', configuration.jwks_uri)).json();
    const { access_token: token, expires_in: lifetime } = (await client.token(homeTenantId, application())).json();
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: configuration.issuer,
      audience: 'https://management.azure.com',
    });
    expect(payload).toMatchObject({ tid: homeTenantId, ver: '2.0', idtyp: 'app' });
    expect(keys.keys[0].issuer).toBe(`${url}/{tenantid}/v2.0`);
    expect(lifetime).toBeGreaterThanOrEqual(3600);
    expect(lifetime).toBeLessThan(5400);
  });

  it.each([
    ['admin@contoso.example', 'AzCops.Admin'],
    ['approver@contoso.example', 'AzCops.Approver'],
    ['reader@contoso.example', 'AzCops.Reader'],
  ])('of %s carry the role %s for the API', async (username, role) => {
    const answer = await client.token('organizations', {
      grant_type: 'password',
      client_id: client.sandbox.application.clientId,
      username,
      password: 'sandbox',
      scope: 'api://azcops/.default openid',
    });
    expect(decodeJwt(answer.json().access_token)).toMatchObject({
      aud: client.sandbox.audience,
      iss: `${client.sandbox.url}/${client.sandbox.homeTenantId}/v2.0`,
      preferred_username: username,
      roles: [role],
    });
  });

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 7000215],
    ['an unknown application', { client_id: '00000000-0000-4000-8000-000000000000' }, 400, 700016],
    ['an unknown scope', { scope: 'https://elsewhere.example/.default' }, 400, 70011],
    [
      'a malformed assertion',
      {
        client_secret: '',
        client_assertion: 'x',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
      401,
      50027,
    ],
    ['another grant', { grant_type: 'refresh_token' }, 400, 70003],
  ])('are refused for %s', async (_, change, status, code) => {
    const answer = await client.token(client.sandbox.homeTenantId, { ...application(), ...change });
    expect(answer.status).toBe(status);
    expect(answer.json().error_codes).toEqual([code]);
    expect(answer.json().error_description).toContain(`AADSTS${code}: `);
  });

  it('are refused in a tenant outside the estate', async () => {
    const answer = await client.token('11111111-1111-4111-8111-111111111111', application());
    expect([answer.status, answer.json().error_codes]).toEqual([400, [90002]]);
  });
});

describe('Resource Manager', () => {
  const list = (headers: Record<string, string>, query = '?api-version=2022-12-01') =>
    client.call('GET', `//subscriptions${query}`, { headers });

  it("lists the subscriptions of the token's tenant only", async () => {
    for (const tenant of client.sandbox.tenants) {
      const { value } = (await list(await client.authorize(tenant.tenantId))).json();
      expect(value.map((item: { subscriptionId: string }) => item.subscriptionId)).toEqual(
        tenant.subscriptions.map((item) => item.subscriptionId),
      );
      expect(value[0]).toMatchObject({ tenantId: tenant.tenantId, state: 'Enabled' });
    }
  });

  it('refuses missing, foreign and wrong-audience tokens with a challenge', async () => {
    const missing = await list({});
    expect([missing.status, missing.json().error.code]).toEqual([401, 'AuthenticationFailed']);
    expect(missing.headers['www-authenticate']).toContain('Bearer authorization_uri=');
    const forged = await list({ authorization: 'Bearer a.b.c' });
    expect(forged.json().error.code).toBe('InvalidAuthenticationToken');
    const audience = await list(await client.authorize(undefined, 'https://storage.azure.com/.default'));
    expect(audience.json().error.code).toBe('InvalidAuthenticationTokenAudience');
  });

  it('wants a known api-version and answers unknown routes in its envelope', async () => {
    const headers = await client.authorize();
    expect((await list(headers, '')).json().error.code).toBe('MissingApiVersionParameter');
    expect((await list(headers, '?api-version=1999-01-01')).json().error.code).toBe('InvalidApiVersionParameter');
    expect((await client.call('GET', '/providers/Microsoft.Nothing/x', { headers })).status).toBe(404);
    const foreign = await client.call('GET', `/subscriptions/${client.subscription(0, 1)}?api-version=2022-12-01`, {
      headers,
    });
    expect([foreign.status, foreign.json().error.code]).toEqual([401, 'InvalidAuthenticationTokenTenant']);
  });

  it('refuses tokens of a replaced signing key', async () => {
    const headers = await client.authorize();
    await client.admin('POST', '/keys/rotate');
    expect((await list(headers)).json().error.code).toBe('InvalidAuthenticationToken');
    expect((await list(await client.authorize())).status).toBe(200);
  });
});
