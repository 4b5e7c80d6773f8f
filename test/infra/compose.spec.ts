import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationVariables } from '#core/config.js';
import { SandboxClient } from '../../apps/sandbox/testing/sandbox-client.js';
import { projectRoot } from '../../scripts/project.js';
import { officialJudge } from './schemas.js';

interface Service {
  image: string;
  build?: string | { target?: string };
  profiles?: string[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  ports?: string[];
  secrets?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string; required?: boolean }>;
}

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const demo = parseEnv(read('infra/compose/demo.env'));
const { services } = compose;
const program = ['migrate', 'api', 'ingestion'];

describe('docker-compose.yml', () => {
  const judge = officialJudge('compose-spec.json');
  it.skipIf(!judge)('is what the Compose Specification describes', () => {
    expect(judge!(compose)).toEqual([]);
    expect(judge!({ services: { api: { ports: 3000 } } })).not.toEqual([]);
  });

  const hasCompose = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
  if (!hasCompose)
    console.log('infra: docker compose is not installed, so its own opinion of docker-compose.yml is not asked');
  it.skipIf(!hasCompose).each([[[]], [['--env-file', 'infra/compose/demo.env', '--profile', 'observe']]])(
    'is understood by docker compose %j',
    (options) => {
      const { status, stderr } = spawnSync('docker', ['compose', ...options, 'config', '--quiet'], {
        cwd: projectRoot,
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
    },
  );

  it('starts each part once what it needs is ready', () => {
    const order = Object.entries(services).map(([name, { depends_on: needs = {} }]) => [
      name,
      Object.entries(needs).map(([need, { condition }]) => `${need} ${condition.replace('service_', '')}`),
    ]);
    expect(Object.fromEntries(order)).toMatchObject({
      postgres: [],
      migrate: ['postgres healthy'],
      api: ['migrate completed_successfully', 'sandbox healthy'],
      ingestion: ['migrate completed_successfully', 'sandbox healthy'],
      demo: ['api healthy', 'ingestion healthy'],
    });
    // The sandbox is there in the demo alone.
    for (const name of ['api', 'ingestion']) expect(services[name]!.depends_on!['sandbox']!.required).toBe(false);
  });

  it('starts the product alone unless asked for more', () => {
    const names = (profile?: string) =>
      Object.entries(services).flatMap(([name, { profiles }]) => (profiles?.[0] === profile ? [name] : []));
    expect(names()).toEqual(['postgres', ...program]);
    expect(names('demo')).toEqual(['sandbox', 'demo']);
    expect(names('observe')).toEqual(['prometheus', 'grafana']);
    // Its own target of the Dockerfile, and never the product's image.
    for (const name of names('demo'))
      expect(services[name]).toMatchObject({ image: 'azcops-sandbox', build: { target: 'sandbox' } });
    for (const name of program) expect(services[name]!.build).toBe('.');
  });

  it('gives each process its own login, and nothing to write to but its volume', () => {
    const secrets = Object.fromEntries(program.map((name) => [name, services[name]!.secrets]));
    expect(secrets).toEqual({
      migrate: ['owner-database-url', 'api-database-url', 'worker-database-url'],
      api: ['api-database-url'],
      ingestion: ['worker-database-url'],
    });
    for (const name of program) {
      expect(services[name]).toMatchObject({ user: '65532:65532', read_only: true, cap_drop: ['ALL'] });
      for (const [variable, value] of Object.entries(services[name]!.environment!)) {
        if (variable.endsWith('_FILE')) expect(services[name]!.secrets).toContain(value.replace('/run/secrets/', ''));
      }
    }
  });

  it('is reachable from this machine alone', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).toHaveLength(3);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('mounts folders that exist', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.flatMap((volume) => (volume.startsWith('./') ? [volume.split(':')[0]!] : [])),
    );
    expect(mounted.length).toBeGreaterThan(1);
    expect(mounted.filter((folder) => !existsSync(join(projectRoot, folder)))).toEqual([]);
  });
});

describe('the demo', () => {
  it('leads to the sandbox as it introduces itself', async () => {
    const client = await SandboxClient.start();
    const { homeTenantId, application, audience, url, ...rest } = client.sandbox;
    await client.stop();
    const there = (text: string) => text.replace(url, 'https://sandbox:8443');
    expect(demo).toMatchObject({
      AZURE_AUTHORITY_HOST: there(url),
      AZURE_RESOURCE_MANAGER_URL: there(url),
      AZURE_METRICS_URL_TEMPLATE: there(rest.metricsUrlTemplate),
      AZURE_TENANT_ID: homeTenantId,
      AZURE_CLIENT_ID: application.clientId,
      AZURE_CLIENT_SECRET: application.clientSecret,
      RAW_STORAGE_URL: there(rest.rawStorageUrl),
      AUTH_ISSUERS: there(rest.issuerTemplate),
      AUTH_AUDIENCES: audience,
      AUTH_HOME_TENANT_ID: homeTenantId,
    });
    expect(read('Dockerfile')).toContain('"--hostname", "sandbox", "--port", "8443"');
  });

  it('sets variables that somebody reads', () => {
    const known = [
      ...configurationVariables.map(({ name }) => name),
      'NODE_EXTRA_CA_CERTS',
      'COMPOSE_PROFILES',
      'AZCOPS_ENV_FILE',
    ];
    expect(Object.keys(demo).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('infra/compose/secrets.sh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'azcops-compose-'));
  const run = () => spawnSync('sh', ['infra/compose/secrets.sh'], { cwd: folder, encoding: 'utf8' });
  const secrets = () =>
    Object.fromEntries(
      readdirSync(join(folder, '.secrets')).map((name) => [name, readFileSync(join(folder, '.secrets', name), 'utf8')]),
    );
  beforeAll(() => cpSync(join(projectRoot, 'infra/compose'), join(folder, 'infra/compose'), { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes up every secret once', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    const first = secrets();
    expect(
      Object.values(compose.secrets)
        .map(({ file }) => file)
        .toSorted(),
    ).toEqual(
      Object.keys(first)
        .map((name) => `.secrets/${name}`)
        .toSorted(),
    );
    const urls = ['owner', 'api', 'worker'].map((name) => new URL(first[`${name}-database-url`]!));
    expect(urls.map(({ username, host, pathname }) => [username, host, pathname])).toEqual(
      ['azcops_owner', 'azcops_api_login', 'azcops_worker_login'].map((login) => [login, 'postgres:5432', '/azcops']),
    );
    expect(urls[0]!.password).toBe(first['owner-password']);
    expect(new Set([...urls.map(({ password }) => password), first['grafana-password']]).size).toBe(4);
    expect(run().status).toBe(0);
    expect(secrets()).toEqual(first);
  });
});
