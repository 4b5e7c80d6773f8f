import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, type DayRange } from '#core/day.js';
import { findFreePort } from '../../scripts/free-port.js';
import { AzCops } from '../harness/azcops.js';
import { expectWholeFiles } from '../harness/raw-files.js';
import { showLogsOfFailures, TestProcess, until } from '../harness/processes.js';
import { bySubscription, TestSandbox, today } from '../harness/sandbox.js';

const wallDay = today();
const range: DayRange = { from: addDays(wallDay, -9), to: addDays(wallDay, -4) };
const days = ['--from', range.from, '--to', range.to];
const STACK_TRACE = /^\s+at /m;

describe('the ingestion command', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenantId: string;
  let raw: string;
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 1, resources: 20, days: 40, now: `${wallDay}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
    raw = join(azcops.folder, 'pages');
    await azcops.startApi();
    [tenantId] = (await azcops.register(0)) as [string];
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<TestProcess> =>
    azcops.ingestion(args, { RAW_STORAGE_URL: raw, ...env });

  it.concurrent('refuses a bad configuration with everything that is wrong with it', async () => {
    const wrong = {
      DATABASE_URL: ' ',
      AZURE_AUTHORITY_HOST: 'http://localhost',
      INGESTION_CONCURRENCY: '0',
      SCHEDULE_FULL: 'daily',
    };
    const api = new TestProcess({
      name: 'api',
      script: 'dist/apps/api/main.js',
      env: { PORT: 'http', LOG_LEVEL: 'loud' },
    });
    const outcomes = await Promise.all([
      run(['full'], wrong).then((command) => [command, Object.keys(wrong)] as const),
      api.exited.then(() => [api, ['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'AUTH_ISSUERS', 'AUTH_AUDIENCES']] as const),
      run([], { DATABASE_URL: azcops.database.ownerUrl }).then((worker) => [worker, ['DATABASE_URL']] as const),
    ]);
    for (const [process, variables] of outcomes) {
      expect([process.name, process.code]).toEqual([process.name, 78]);
      for (const variable of variables) expect(process.stderr).toContain(`${variable}: `);
      expect(process.lines.join('\n')).not.toMatch(STACK_TRACE);
    }
  });

  it.concurrent('says which database is away, and what to look at, whatever was started', async () => {
    const away = new URL(azcops.database.workerUrl);
    away.port = String(await findFreePort());
    const started = (name: string, env: NodeJS.ProcessEnv) => {
      const process = new TestProcess({ name, script: `dist/${name}.js`, env });
      return process.exited.then(() => process);
    };
    const database = { DATABASE_URL: away.href };
    const auth = { AUTH_ISSUERS: 'https://issuer.example', AUTH_AUDIENCES: 'api://azcops' };
    const outcomes = await Promise.all([
      run([], database),
      run(['full'], database),
      started('apps/api/main', { ...database, ...auth }),
      started('migrations/main', { DATABASE_OWNER_URL: away.href }),
    ]);
    for (const process of outcomes) {
      expect([process.name, process.code]).toEqual([process.name, 1]);
      expect(process.stderr).toMatch(
        new RegExp(
          `^The database at ${away.host} cannot be reached \\(.*\\)\\. Check that it runs.*DATABASE_(OWNER_)?URL is right\\.$`,
          'm',
        ),
      );
      const output = process.lines.join('\n');
      expect(output).not.toMatch(STACK_TRACE);
      expect(output).not.toContain(away.password);
    }
  });

  it.concurrent.each([
    [['full', '--tenat', 'x'], /--tenat/, 1],
    [['full', '--connector', 'aws'], /There is no connector aws; there are .*cost-management/, 1],
    [['full', '--tenant', 'nobody'], /There is no tenant nobody.*Registered tenants:/s, 1],
    [['fill'], /^Usage: ingestion/, 64],
  ] as const)('explains %j', async (args, message, code) => {
    const command = await run(args);
    expect(command.code).toBe(code);
    expect(command.stderr).toMatch(message);
    expect(command.lines.join('\n')).not.toMatch(STACK_TRACE);
  });

  it.concurrent('fails with the reason when the secret is wrong, and never prints it', async () => {
    const secret = 'not-the-secret-at-all';
    const command = await run(['full', '--tenant', tenantId], { AZURE_CLIENT_SECRET: secret });
    expect(command.code).toBe(1);
    expect(command.stdout).toMatch(/failed: subscriptions tenant: .*secret is wrong.*AZURE_CLIENT_SECRET/);
    expect(command.lines.join('\n')).not.toContain(secret);
  });

  it('reads a tenant into a local folder and ends with a table', async () => {
    const command = await run(['full', '--tenant', sandbox.description.homeTenantId, ...days]);
    expect(command.code).toBe(0);
    expect(command.stdout).toMatch(/^connector +scope +from +to +status +rows +requests +retries +seconds$/m);
    expect(command.stdout).toMatch(/^succeeded: 20 windows, \d+ rows, [\d.]+ s$/m);
    expect(command.stderr).toMatch(/^succeeded: 20\/20 windows, \d+ rows$/m);
    expect(bySubscription(await azcops.costs(range))).toEqual(
      bySubscription(await sandbox.charged(sandbox.subscriptionsOf(0), range)),
    );
    await expectWholeFiles(azcops, raw);
  });

  it('gives back what it works on when it is told to stop, and says that the run goes on', async () => {
    const fault = { service: 'cost-management', delayMs: 60_000, times: 0 } as const;
    await sandbox.addFault(fault);
    const args = ['full', '--tenant', tenantId, '--connector', 'cost-management', ...days];
    const command = azcops.startIngestion(args, { RAW_STORAGE_URL: raw });
    const running = () => azcops.sql(`SELECT 1 FROM ingestion_windows WHERE status = 'running'`);
    await until('windows in work', async () => (await running()).length > 0);
    command.signal('SIGTERM');
    expect(await command.exited).toEqual({ code: 1, signal: null });
    expect(command.stderr).toMatch(/Stopped\. Any worker goes on with run [0-9a-f-]{36}\./);
    expect(await running()).toEqual([]);
    await sandbox.admin('DELETE', '/faults');
    // The same request is the same run.
    expect((await run(args)).code).toBe(0);
  });

  it('tells a run that succeeded in part', async () => {
    const [refused] = sandbox.subscriptionsOf(0);
    const body = { error: { code: 'BadRequest', message: 'Not like this.' } };
    await sandbox.addFault({ service: 'cost-management', subscription: refused!, status: 400, body, times: 0 });
    const command = await run(['full', '--tenant', tenantId, '--connector', 'cost-management', ...days]);
    await sandbox.admin('DELETE', '/faults');
    expect(command.code).toBe(2);
    expect(command.stdout).toMatch(/^failed: cost-management .*Not like this\./m);
    expect(command.stdout).toMatch(/^partially_succeeded: 2 windows/m);
  });
});
