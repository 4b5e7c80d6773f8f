import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUTHORITY_HOST, FakeAzure } from '../testing/fake-azure.js';
import { ManualClock } from '../testing/manual-clock.js';
import { createTokenCache, isMicrosoftAuthority, type CredentialOptions } from './credentials.js';

const SCOPE = 'https://storage.azure.com/.default';

const tokens = (azure: FakeAzure, credential: CredentialOptions, tenant: string | null = 'target-tenant') =>
  createTokenCache(credential, tenant, 'the default credential', {
    authorityHost: AUTHORITY_HOST,
    clock: new ManualClock(),
    httpClient: azure,
  });

describe('isMicrosoftAuthority', () => {
  it.each([
    ['https://login.microsoftonline.com', true],
    ['https://login.microsoftonline.us/', true],
    ['https://login.chinacloudapi.cn', true],
    ['https://login.test', false],
    ['https://login.microsoftonline.com.evil.test', false],
    ['', false],
  ])('%s: %s', (authority, known) => expect(isMicrosoftAuthority(authority)).toBe(known));
});

describe('a token', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'federated-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is asked for with the federated token file when there is no secret', async () => {
    const azure = new FakeAzure();
    const federatedTokenFile = join(folder, 'token');
    await writeFile(federatedTokenFile, 'the-assertion\n');
    await tokens(azure, { clientId: 'app', federatedTokenFile }).getToken(SCOPE);
    const form = new URLSearchParams(azure.tokenRequests[0]?.text);
    expect(form.get('client_assertion')).toBe('the-assertion');
    expect(azure.tokenRequests[0]?.url.pathname).toBe('/target-tenant/oauth2/v2.0/token');
  });

  it('is not to be had from a file that is missing', async () => {
    const cache = tokens(new FakeAzure(), { clientId: 'app', federatedTokenFile: join(folder, 'none') });
    await expect(cache.getToken(SCOPE)).rejects.toMatchObject({ name: 'CredentialError', message: /ENOENT/ });
  });

  it('comes from the credential’s own tenant where none is targeted', async () => {
    const azure = new FakeAzure();
    await tokens(azure, { tenantId: 'home-tenant', clientId: 'app', clientSecret: 'x' }, null).getToken(SCOPE);
    expect(azure.tokenRequests[0]?.url.pathname).toBe('/home-tenant/oauth2/v2.0/token');
  });

  it('needs an application to go with the secret', async () => {
    const cache = tokens(new FakeAzure(), { clientSecret: 'x' });
    await expect(cache.getToken(SCOPE)).rejects.toMatchObject({ name: 'CredentialError' });
  });
});
