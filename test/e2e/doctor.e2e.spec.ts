import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_IDS } from '#connectors/connector-ids.js';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures, type TestProcess } from '../harness/processes.js';
import { TestSandbox, today } from '../harness/sandbox.js';

interface Check {
  name: string;
  severity: string;
  outcome: string;
  subject: string | null;
  reason: string;
  action: string | null;
  missing_role: { role: string; scope: string; command: string } | null;
}
interface Diagnosis {
  exit_code: number;
  checks: Check[];
  tenants: { id: string; azure_tenant_id: string; name: string; client_id: string | null; checks: Check[] }[];
}

describe('the doctor', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenant: string;
  let subscriptions: string[];
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 2, subscriptions: 2, resources: 60, now: `${today()}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
  });
  afterEach(async () => {
    await sandbox.admin('DELETE', '/faults');
    for (const id of sandbox.subscriptionsOf(0)) {
      await sandbox.admin('PUT', `/subscriptions/${id}`, { access: 'reader' });
      await sandbox.admin('PUT', `/subscriptions/${id}/cost`, { answer: 'normal' });
      await sandbox.admin('PUT', `/subscriptions/${id}/monitor`, { access: 'allowed' });
    }
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const doctor = (args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<TestProcess> =>
    azcops.ingestion(['doctor', ...args], env);

  /** The tenant's checks that are not fine; the command's own are asserted to be. */
  const findings = async (code: number, env: NodeJS.ProcessEnv = {}): Promise<Check[]> => {
    const command = await doctor(['--tenant', tenant, '--json'], env);
    expect(command.code).toBe(code);
    const diagnosis = JSON.parse(command.stdout) as Diagnosis;
    expect(diagnosis.exit_code).toBe(code);
    expect(command.lines.join('\n')).not.toContain(sandbox.description.application.clientSecret);
    return [...diagnosis.checks, ...diagnosis.tenants.flatMap(({ checks }) => checks)].filter(
      ({ outcome }) => outcome !== 'ok',
    );
  };
  const grant = (role: string, scope: string) => ({
    role,
    scope,
    command: `az role assignment create --assignee ${sandbox.description.application.clientId} --role "${role}" --scope "${scope}"`,
  });

  it('says how to register a tenant while there is none', async () => {
    const command = await doctor();
    expect(command.code).toBe(2);
    expect(command.stdout).toMatch(
      /^ {2}limited tenants +No tenant is registered\.\n +Register one: POST \/api\/v1\/tenants/m,
    );
    await azcops.startApi();
    [tenant] = (await azcops.register(0)) as [string];
    subscriptions = sandbox.subscriptionsOf(0).toSorted();
  });

  it('finds everything working before the first run, and leaves nothing behind', async () => {
    const command = await doctor();
    expect(command.code).toBe(0);
    const lines = command.stdout.split('\n');
    expect(lines[0]).toBe('AzCops');
    expect(command.stdout).toContain(
      `Tenant ${sandbox.description.tenants[0]!.displayName} (id ${tenant}, Azure tenant `,
    );
    for (const name of ['configuration', 'database', 'queue', 'raw store', 'sign-in', ...CONNECTOR_IDS]) {
      expect(command.stdout).toMatch(new RegExp(`^  ok      ${name} +\\S`, 'm'));
    }
    expect(lines.at(-2)).toBe('Everything works. 14 ok.');
    for (const table of ['subscriptions', 'resources', 'ingestion_runs', 'raw_snapshots', 'cost_datasets']) {
      expect(await azcops.sql(`SELECT 1 FROM ${table}`)).toEqual([]);
    }
  });

  it('finds everything working after a run, by either id of the tenant', async () => {
    const run = await azcops.ingestion(['full', '--connector', 'subscriptions', '--connector', 'resource-graph']);
    expect(run.code).toBe(0);
    const command = await doctor(['--tenant', sandbox.description.homeTenantId, '--subscriptions', 'all', '--json']);
    expect(command.code).toBe(0);
    const { tenants, checks } = JSON.parse(command.stdout) as Diagnosis;
    expect(checks.map(({ name }) => name)).toEqual(['configuration', 'database', 'queue', 'raw store']);
    expect(tenants).toMatchObject([{ id: tenant, client_id: sandbox.description.application.clientId }]);
    expect(new Set(tenants[0]!.checks.map(({ name }) => name))).toEqual(new Set(['sign-in', ...CONNECTOR_IDS]));
    expect(tenants[0]!.checks.find(({ name }) => name === 'resource-graph')?.reason).toBe(
      '2 of 2 known subscriptions are readable.',
    );
  });

  it('asks as many subscriptions as it may', async () => {
    const command = await doctor(['--tenant', tenant, '--subscriptions', '1']);
    expect(command.code).toBe(0);
    expect(command.stdout.match(/^ {2}ok {6}cost-management/gm)).toHaveLength(1);
    expect(command.stdout).toMatch(/^ {2}skipped subscriptions +1 of 2 were not asked one by one/m);
  });

  it('names the role for costs, and where', async () => {
    await sandbox.admin('PUT', `/subscriptions/${subscriptions[0]}/cost`, { answer: 'rbac-access-denied' });
    const found = await findings(2);
    expect(found).toMatchObject([
      {
        name: 'cost-management',
        severity: 'limited',
        outcome: 'missing-role',
        subject: `subscription ${subscriptions[0]}`,
        missing_role: grant('Cost Management Reader', `/subscriptions/${subscriptions[0]}`),
      },
    ]);
    const { stdout } = await doctor(['--tenant', tenant]);
    expect(stdout).toMatch(/^ {2}limited cost-management +subscription .*RBACAccessDenied/m);
    expect(stdout).toContain(
      `\n${' '.repeat(27)}${grant('Cost Management Reader', `/subscriptions/${subscriptions[0]}`).command}\n`,
    );
  });

  it('tells an offer without costs from a missing role', async () => {
    await sandbox.admin('PUT', `/subscriptions/${subscriptions[0]}/cost`, { answer: 'unsupported-offer' });
    expect(await findings(2)).toMatchObject([{ name: 'cost-management', outcome: 'unavailable', missing_role: null }]);
  });

  it('notices a subscription that Resource Graph leaves out', async () => {
    await sandbox.admin('PUT', `/subscriptions/${subscriptions[1]}`, { access: 'costs-only' });
    const found = await findings(2);
    expect(found[0]).toMatchObject({
      name: 'resource-graph',
      outcome: 'missing-role',
      subject: `subscription ${subscriptions[1]}`,
      missing_role: grant('Reader', `/subscriptions/${subscriptions[1]}`),
    });
  });

  it('says which way to metrics is closed, and which is open', async () => {
    await sandbox.admin('PUT', `/subscriptions/${subscriptions[0]}/monitor`, { access: 'no-reader' });
    const found = await findings(2);
    expect(found).toMatchObject([
      {
        name: 'monitor',
        outcome: 'missing-role',
        reason: expect.stringMatching(/^One by one works, the batch endpoint does not: .*Azure answered 401/),
        missing_role: grant('Monitoring Reader', `/subscriptions/${subscriptions[0]}`),
      },
    ]);
  });

  it('explains a resource provider that nobody registered', async () => {
    await sandbox.admin('PUT', `/subscriptions/${subscriptions[0]}/monitor`, { access: 'provider-unregistered' });
    expect(await findings(2)).toMatchObject([
      {
        name: 'monitor',
        outcome: 'unavailable',
        action: `Register it once: az provider register --namespace Microsoft.Insights --subscription ${subscriptions[0]}`,
        missing_role: null,
      },
    ]);
  });

  it('names the role for the lake', async () => {
    await sandbox.addFault({ service: 'data-lake', status: 403, times: 0 });
    const found = await findings(2);
    expect(found).toMatchObject([{ name: 'raw store', outcome: 'missing-role' }]);
    expect(found[0]!.missing_role).toMatchObject({ role: 'Storage Blob Data Contributor' });
    expect(found[0]!.missing_role!.scope).toMatch(
      /^\$\(az storage account show --name \w+ --query id --output tsv\)\/blobServices\/default\/containers\/\w+$/,
    );
  });

  it('explains a wrong secret, and never prints it', async () => {
    const secret = 'not-the-secret-at-all';
    const command = await doctor(['--tenant', tenant], { AZURE_CLIENT_SECRET: secret });
    expect(command.code).toBe(1);
    expect(command.stdout).toMatch(
      /^ {2}FAILED {2}sign-in +No token .*secret is wrong \(AADSTS7000215\)\.\n +Set AZURE_CLIENT_SECRET/m,
    );
    expect(command.stdout).toMatch(/^ {2}skipped connectors +Nothing can be asked without a token/m);
    expect(command.lines.join('\n')).not.toContain(secret);
  });

  it('explains an expired secret', async () => {
    const description = 'AADSTS7000222: The provided client secret keys for app are expired.';
    await sandbox.addFault({
      service: 'entra',
      pathContains: '/token',
      times: 0,
      status: 401,
      body: { error: 'invalid_client', error_description: description, error_codes: [7000222] },
    });
    const found = await findings(1, { RAW_STORAGE_URL: `${azcops.folder}/pages` });
    expect(found.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['sign-in', 'credential-refused'],
      ['connectors', 'not-asked'],
    ]);
    expect(found[0]!.reason).toContain('expired');
    expect(found[0]!.action).toContain('Create a new client secret');
    expect(readdirSync(`${azcops.folder}/pages`)).toEqual(['doctor']);
  });

  it('says that Azure is out of reach', async () => {
    const nowhere = 'https://127.0.0.1:9';
    const found = await findings(1, {
      AZURE_AUTHORITY_HOST: nowhere,
      AZURE_RESOURCE_MANAGER_URL: nowhere,
      RAW_STORAGE_URL: `${azcops.folder}/pages`,
    });
    expect(found[0]).toMatchObject({
      name: 'sign-in',
      outcome: 'unreachable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    // The metrics of known resources have an address of their own.
    const half = await findings(2, {
      AZURE_RESOURCE_MANAGER_URL: nowhere,
      RAW_STORAGE_URL: `${azcops.folder}/pages`,
    });
    expect(new Set(half.map(({ name, outcome }) => `${name} ${outcome}`))).toEqual(
      new Set([
        'subscriptions unreachable',
        'resource-graph unreachable',
        'advisor unreachable',
        'cost-management unreachable',
        'cost-management not-asked',
        'compute-skus unreachable',
      ]),
    );
  });

  it('says what the raw store refuses, and a database that does not answer', async () => {
    const [store] = await findings(1, { RAW_STORAGE_URL: '/dev/null/pages' });
    expect(store).toMatchObject({
      name: 'raw store',
      outcome: 'failed',
      action: expect.stringContaining('RAW_STORAGE_URL'),
    });
    const [database] = await findings(1, { DATABASE_URL: 'postgresql://worker:not-shown@127.0.0.1:9/azcops' });
    expect(database).toMatchObject({
      name: 'database',
      outcome: 'failed',
      action: expect.stringContaining('login worker at 127.0.0.1:9/azcops'),
    });
    expect(JSON.stringify(database)).not.toContain('not-shown');
  });

  it.concurrent.each<[string[], NodeJS.ProcessEnv, number, RegExp]>([
    [['--help'], { DATABASE_URL: '' }, 0, /^Usage: ingestion doctor/m],
    [['--subscriptions', 'none'], { DATABASE_URL: '' }, 64, /--subscriptions must be/],
    [['--tenat', 'x'], { DATABASE_URL: '' }, 64, /--tenat/],
    [
      [],
      { DATABASE_URL: '', AZURE_QUOTAS: 'some' },
      78,
      /DATABASE_URL: .*AZURE_QUOTAS: |AZURE_QUOTAS: .*DATABASE_URL: /s,
    ],
    [[], { RAW_STORAGE_URL: 's3://bucket' }, 78, /RAW_STORAGE_URL must be/],
    [['--tenant', 'nobody'], {}, 1, /There is no tenant nobody.*Registered tenants:/s],
  ])('answers %j with %j by exit code %i', async (args, env, code, text) => {
    const command = await doctor(args, env);
    expect(command.code).toBe(code);
    expect(code === 0 ? command.stdout : command.stderr).toMatch(text);
  });
});
