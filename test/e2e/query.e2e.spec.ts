import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures, type TestProcess } from '../harness/processes.js';
import { TestSandbox, today } from '../harness/sandbox.js';

const WASTE = [
  'unattached-disks',
  'orphaned-public-ips',
  'orphaned-network-interfaces',
  'snapshots-older-than-90-days',
];
const NEEDS_NOTHING = { DATABASE_URL: '', AZURE_CLIENT_SECRET: '' };

type Row = { query: string; id: string; name: string } & Record<string, unknown>;

const rowsOf = ({ stdout }: TestProcess): Row[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

describe('the query command', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenant: string[];
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 2, subscriptions: 2, resources: 60, now: `${today()}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
    await azcops.startApi();
    const [id] = (await azcops.register(0)) as [string];
    tenant = ['--tenant', id];
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const query = (...args: string[]): Promise<TestProcess> => azcops.ingestion(['query', ...args]);

  it('prints the rows of a family as JSON lines, and a summary beside them', async () => {
    const command = await query('waste', ...tenant);
    expect(command.code).toBe(0);
    const rows = rowsOf(command);
    expect(new Set(rows.map((row) => row.query))).toEqual(new Set(WASTE));
    for (const row of rows) expect(row.id).toMatch(/^\/subscriptions\//i);
    // Left over by name, and what only looks like it.
    const names = rows.map(({ name }) => name);
    expect(names.some((name) => name.startsWith('disk-'))).toBe(true);
    expect(
      names.filter((name) => /-ASRReplica$|^(pvc|export|gold|nic-pe|nic-netapp|pip-nat|snap-young)-/.test(name)),
    ).toEqual([]);
    expect(command.stderr).toMatch(/^query +rows +announced +seconds +result$/m);
    for (const name of WASTE) {
      const count = rows.filter((row) => row.query === name).length;
      expect(command.stderr).toMatch(new RegExp(`^${name} +${count} +${count} +[\\d.]+ +ok$`, 'm'));
    }
  });

  it('asks for the whole estate of the tenant, whichever of its ids is given', async () => {
    const command = await query('all-resources', '--tenant', sandbox.description.homeTenantId);
    expect(command.code).toBe(0);
    const rows = rowsOf(command);
    expect(rows).toHaveLength(await sandbox.countResources(0));
    expect(new Set(rows.map((row) => row['subscriptionId']))).toEqual(new Set(sandbox.subscriptionsOf(0)));
  });

  it('runs the other families', async () => {
    const rightsizing = await query('rightsizing', ...tenant);
    expect(rightsizing.code).toBe(0);
    expect(rowsOf(rightsizing).find((row) => row.query === 'virtual-machines')).toMatchObject({
      size: expect.stringMatching(/^Standard_/),
      powerState: expect.stringMatching(/^PowerState\//),
    });
    const governance = await query('governance', ...tenant);
    expect(governance.code).toBe(0);
    expect(rowsOf(governance).length).toBeGreaterThan(0);
  });

  it('tells a family that succeeded in part, and one that did not at all', async () => {
    await sandbox.addFault({ service: 'resource-graph', status: 403, times: 1 });
    const part = await query('waste', ...tenant);
    expect(part.code).toBe(2);
    expect(part.stderr.match(/ failed$/gm)).toHaveLength(1);
    expect(part.stderr.match(/ ok$/gm)).toHaveLength(3);
    expect(part.stderr).toMatch(/^failed: [a-z0-9-]+: .*role "Reader"/m);
    const none = await azcops.ingestion(['query', 'waste', ...tenant], { AZURE_CLIENT_SECRET: 'wrong' });
    expect(none.code).toBe(1);
    expect(none.stdout).toBe('');
    expect(none.stderr.match(/ failed$/gm)).toHaveLength(4);
  });

  it.concurrent.each<[string[], number, RegExp]>([
    [['--list'], 0, /^unattached-disks +waste +Unattached disks\./m],
    [['waste', '--list'], 0, /^orphaned-public-ips/m],
    [[], 64, /^Name a query or a family\.\nUsage: ingestion query/],
    [['nonsense', '--tenant', 'x'], 64, /no query and no family nonsense/],
    [['waste'], 64, /--tenant ID/],
    [['waste', 'inventory', '--tenant', 'x'], 64, /Name one query/],
    [['waste', '--tenat', 'x'], 64, /--tenat/],
  ])('needs neither database nor Azure for %j', async (args, code, text) => {
    const command = await azcops.ingestion(['query', ...args], NEEDS_NOTHING);
    expect(command.code).toBe(code);
    expect(code === 0 ? command.stdout : command.stderr).toMatch(text);
  });

  it('names the tenants there are for one that is not', async () => {
    const command = await query('waste', '--tenant', 'nobody');
    expect(command.code).toBe(1);
    expect(command.stderr).toMatch(/There is no tenant nobody.*Registered tenants:/s);
  });
});
