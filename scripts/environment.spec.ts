import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeCaBundle } from './ca-bundle.js';
import { withSandboxVariables } from './environment.js';
import { wantsSandbox, type Sandbox } from './sandbox.js';

const root = mkdtempSync(join(tmpdir(), 'azcops-environment-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('bundle of certificate authorities', () => {
  const at = (name: string) => join(root, name);
  writeFileSync(at('user.pem'), 'USER');
  writeFileSync(at('sandbox.pem'), 'SANDBOX\n');

  it.each([
    [at('user.pem'), 'USER\nSANDBOX\n'],
    [undefined, 'SANDBOX\n'],
    [at('absent.pem'), 'SANDBOX\n'],
  ])('adds the sandbox to %s', (userFile, content) => {
    writeCaBundle(at('bundle.pem'), at('sandbox.pem'), userFile);
    expect(readFileSync(at('bundle.pem'), 'utf8')).toBe(content);
    expect(statSync(at('bundle.pem')).mode & 0o777).toBe(0o600);
  });

  it('does not grow when the user points at the bundle itself', () => {
    writeCaBundle(at('bundle.pem'), at('sandbox.pem'));
    writeCaBundle(at('bundle.pem'), at('sandbox.pem'), at('bundle.pem'));
    expect(readFileSync(at('bundle.pem'), 'utf8')).toBe('SANDBOX\n');
  });
});

describe('AZURE_SANDBOX', () => {
  it.each([
    [{}, true],
    [{ AZURE_SANDBOX: '', AZURE_CLIENT_ID: ' ' }, true],
    [{ AZURE_CLIENT_SECRET: 'x' }, false],
    [{ AZURE_RESOURCE_MANAGER_URL: 'https://management.example' }, false],
    [{ AZURE_CREDENTIAL_CONTOSO_CLIENT_ID: 'x' }, false],
    [{ AZURE_SANDBOX: 'on', AZURE_CLIENT_SECRET: 'x' }, true],
    [{ AZURE_SANDBOX: 'off' }, false],
  ])('%j runs the sandbox: %s', (env, wanted) => {
    expect(wantsSandbox(env)).toBe(wanted);
  });

  it('refuses other values', () => {
    expect(() => wantsSandbox({ AZURE_SANDBOX: 'yes' })).toThrow('AZURE_SANDBOX: must be auto, on or off');
  });
});

describe('variables of the processes beside the sandbox', () => {
  const sandbox: Sandbox = {
    url: 'https://localhost:20001',
    adminUrl: 'https://localhost:20002',
    caFile: '/ca.pem',
    pid: 1,
    homeTenantId: 'home',
    tenants: [],
    application: { clientId: 'client', clientSecret: 'secret' },
    audience: 'api://azcops',
    issuerTemplate: 'https://localhost:20001/{tenantid}/v2.0',
    rawStorageUrl: 'https://localhost:20001/lake/raw',
    metricsUrlTemplate: 'https://localhost:20001/metrics/{region}',
    retailPricesUrl: 'https://localhost:20001/prices',
  };

  it('lead to the sandbox', () => {
    expect(withSandboxVariables({}, sandbox, '/bundle.pem')).toEqual({
      AZURE_AUTHORITY_HOST: sandbox.url,
      AZURE_RESOURCE_MANAGER_URL: sandbox.url,
      AZURE_QUOTAS: 'off',
      AZURE_TENANT_ID: 'home',
      AZURE_CLIENT_ID: 'client',
      AZURE_CLIENT_SECRET: 'secret',
      RAW_STORAGE_URL: sandbox.rawStorageUrl,
      AZURE_METRICS_URL_TEMPLATE: sandbox.metricsUrlTemplate,
      AZURE_RETAIL_PRICES_URL: sandbox.retailPricesUrl,
      AUTH_ISSUERS: sandbox.issuerTemplate,
      AUTH_AUDIENCES: sandbox.audience,
      AUTH_HOME_TENANT_ID: 'home',
      NODE_EXTRA_CA_CERTS: '/bundle.pem',
      NO_PROXY: 'localhost,127.0.0.1',
      no_proxy: 'localhost,127.0.0.1',
    });
  });

  it('keep what the user set, and add to what must hold both', () => {
    const user = {
      RAW_STORAGE_URL: './raw',
      AUTH_ISSUERS: 'https://own.example/',
      NO_PROXY: 'intra.example',
      AZURE_CLIENT_ID: '',
    };
    expect(withSandboxVariables(user, sandbox, '/bundle.pem')).toMatchObject({
      RAW_STORAGE_URL: './raw',
      AUTH_ISSUERS: 'https://own.example/',
      AZURE_CLIENT_ID: 'client',
      NO_PROXY: 'intra.example,localhost,127.0.0.1',
    });
  });
});
