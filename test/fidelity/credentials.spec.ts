import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ClientSecretCredential, WorkloadIdentityCredential } from '@azure/identity';
import { SignJWT, decodeJwt, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SandboxClient } from '../../apps/sandbox/testing/sandbox-client.js';
import { projectRoot } from '../../scripts/project.js';

const SCOPE = 'https://management.azure.com/.default';
let client: SandboxClient;
let folder: string;
beforeAll(async () => {
  client = await SandboxClient.start();
  folder = await mkdtemp(path.join(os.tmpdir(), 'assertions-'));
});
afterAll(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await client.admin('DELETE', '/faults');
});

const authority = () => ({
  authorityHost: client.sandbox.url,
  disableInstanceDiscovery: true,
  tlsOptions: { ca: client.ca },
  retryOptions: { maxRetries: 0 },
});
const list = (token: string) =>
  client.call('GET', '/subscriptions?api-version=2022-12-01', { headers: { authorization: `Bearer ${token}` } });

describe('ClientSecretCredential', () => {
  it('gets a token for each tenant, and a refusal for a wrong secret', async () => {
    const { clientId, clientSecret } = client.sandbox.application;
    for (const { tenantId } of client.sandbox.tenants) {
      const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, authority());
      const { token, expiresOnTimestamp } = await credential.getToken(SCOPE);
      expect(decodeJwt(token)).toMatchObject({ tid: tenantId, azp: clientId });
      expect(expiresOnTimestamp - Date.now()).toBeGreaterThan(3_500_000);
      expect((await list(token)).status).toBe(200);
    }
    const wrong = new ClientSecretCredential(client.sandbox.homeTenantId, clientId, 'wrong', authority());
    await expect(wrong.getToken(SCOPE)).rejects.toThrow(/AADSTS7000215/);
  });

  it('gets a long token once it understands challenges', async () => {
    const { clientId, clientSecret } = client.sandbox.application;
    const credential = new ClientSecretCredential(client.sandbox.homeTenantId, clientId, clientSecret, authority());
    const { token, expiresOnTimestamp } = await credential.getToken(SCOPE, { enableCae: true });
    expect(decodeJwt(token)).toMatchObject({ xms_cc: ['cp1'] });
    expect(expiresOnTimestamp - Date.now()).toBeGreaterThan(19 * 3_600_000);
  });
});

describe('ManagedIdentityCredential', () => {
  /** The library decides once per process what machine it runs on, so every case gets a process. */
  const SCRIPT = `
    import { ManagedIdentityCredential } from '@azure/identity';
    const options = JSON.parse(process.env.CREDENTIAL_OPTIONS);
    const credential = new ManagedIdentityCredential({ ...options, retryOptions: { maxRetries: 0 } });
    const outcome = await credential.getToken('${SCOPE}').catch(({ message }) => ({ message }));
    process.stdout.write(JSON.stringify(outcome));`;
  const ask = async (machine: Record<string, string>, options: object = {}) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
      cwd: projectRoot,
      env: { ...machine, CREDENTIAL_OPTIONS: JSON.stringify(options), PATH: process.env['PATH'] },
    });
    return JSON.parse(stdout) as { token?: string; message?: string };
  };
  const appService = (header = client.sandbox.identityHeader) => ({
    IDENTITY_ENDPOINT: client.sandbox.identityEndpoint,
    IDENTITY_HEADER: header,
  });
  const virtualMachine = () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: client.sandbox.podIdentityHost });

  it.each([
    ['App Service', appService],
    ['the instance metadata service', virtualMachine],
  ])('gets a token of the home tenant from %s, named or not', async (_, machine) => {
    const { managedIdentityClientId: clientId, homeTenantId } = client.sandbox;
    for (const options of [{}, { clientId }]) {
      const { token = '' } = await ask(machine(), options);
      expect(decodeJwt(token)).toMatchObject({ tid: homeTenantId, azp: clientId, aud: 'https://management.azure.com' });
      expect((await list(token)).status).toBe(200);
    }
  });

  it('is refused for an identity the machine does not have, and without the secret of the machine', async () => {
    const unknown = { clientId: 'f0000000-0000-4000-8000-000000000000' };
    for (const outcome of [
      await ask(appService(), unknown),
      await ask(virtualMachine(), unknown),
      await ask(appService('wrong')),
    ]) {
      expect(outcome.token).toBeUndefined();
      expect(outcome.message).toBeTruthy();
    }
  });

  it('meets the same faults as every other caller', async () => {
    const fault = { service: 'entra', pathContains: '/metadata/identity', status: 400, times: 0 };
    await client.admin('POST', '/faults', fault);
    expect((await ask(virtualMachine())).token).toBeUndefined();
    expect((await ask(appService())).token).toBeTruthy();
  });
});

describe('the machine endpoints', () => {
  const get = async (target: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${client.sandbox.podIdentityHost}${target}`, { headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const METADATA = '/metadata/identity/oauth2/token/?api-version=2018-02-01&resource=https://management.azure.com/';

  it('answer in text what other endpoints answer in numbers', async () => {
    const { status, body } = await get(METADATA, { metadata: 'true' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ resource: 'https://management.azure.com/', token_type: 'Bearer' });
    expect(body['expires_on']).toMatch(/^\d{10}$/);
  });

  it('refuse what a request forged by a web page would look like', async () => {
    expect(await get(METADATA)).toEqual({
      status: 400,
      body: { error: 'invalid_request', error_description: 'Required metadata header not specified' },
    });
    const unknown = await get(METADATA.replace('management.azure.com', 'elsewhere.example'), { metadata: 'true' });
    expect([unknown.status, unknown.body['error']]).toEqual([400, 'invalid_resource']);
    expect((await get('/msi/token?api-version=2019-08-01&resource=https://management.azure.com')).status).toBe(401);
  });
});

describe('WorkloadIdentityCredential', () => {
  const credential = (tokenFilePath: string) =>
    new WorkloadIdentityCredential({
      ...authority(),
      tenantId: client.sandbox.homeTenantId,
      clientId: client.sandbox.application.clientId,
      tokenFilePath,
    });
  /** The cluster's own token with other claims, signed by somebody else. */
  const forged = async (claims: object): Promise<string> => {
    const genuine = decodeJwt(await readFile(client.sandbox.federatedTokenFile, 'utf8'));
    const { privateKey } = await generateKeyPair('RS256');
    return new SignJWT({ ...genuine, ...claims }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
  };

  it("exchanges the cluster's token, also after the tenant's signing key was replaced", async () => {
    await client.admin('POST', '/keys/rotate');
    const { token } = await credential(client.sandbox.federatedTokenFile).getToken(SCOPE);
    expect((await list(token)).status).toBe(200);
  });

  it.each([
    ['of another issuer', { iss: 'https://elsewhere.example' }, /AADSTS700211/],
    ['signed by somebody else', {}, /AADSTS50013/],
    ['signed as by a certificate', { iss: 'client' }, /AADSTS700027/],
  ])('is refused with an assertion %s', async (name, claims, message) => {
    const file = path.join(folder, name.replaceAll(' ', '-'));
    const iss = 'iss' in claims && claims.iss === 'client' ? { iss: client.sandbox.application.clientId } : {};
    await writeFile(file, await forged({ ...claims, ...iss }));
    await expect(credential(file).getToken(SCOPE)).rejects.toThrow(message);
  });
});
