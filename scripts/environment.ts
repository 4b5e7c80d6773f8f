import { join } from 'node:path';
import { writeCaBundle } from './ca-bundle.js';
import { Child } from './child-process.js';
import { readJsonFile, writeJsonFile } from './json-file.js';
import { ensureDatabase, processUrls } from './postgres-logins.js';
import { startPostgres, type Postgres } from './postgres.js';
import { processIdentity, resolveDataDir, type ProcessIdentity } from './project.js';
import { findSandbox, startSandbox, wantsSandbox, type Sandbox } from './sandbox.js';

/** Name of AzCops' database in the embedded server. */
export const database = 'azcops';

/** Content of `dev.json`: where the running parts are. A part counts only if its process lives and answers. */
export interface DevState {
  /** The `make dev` process. */
  dev?: ProcessIdentity | null;
  url?: string;
  postgres?: { pid: number | null; port: number };
  sandbox?: { pid: number | null; url: string; adminUrl: string; startedBy?: ProcessIdentity };
  api?: (ProcessIdentity & { url: string; metricsUrl: string }) | null;
  worker?: (ProcessIdentity & { metricsUrl: string }) | null;
  databaseUrls?: { owner: string; api: string; worker: string };
  /** File of the certificate authorities that the processes trust beyond Node's own. */
  ca?: string;
}

const stateFile = (dataDir: string) => join(dataDir, 'dev.json');

/** Reads `dev.json`; empty when nothing was started yet. */
export function readState(dataDir: string): DevState {
  return readJsonFile<DevState>(stateFile(dataDir)) ?? {};
}

/** Replaces parts of `dev.json`, which holds connection strings and is therefore readable by its owner alone. */
export function updateState(dataDir: string, parts: DevState): void {
  writeJsonFile(stateFile(dataDir), { ...readState(dataDir), ...parts });
}

type DatabaseRole = 'api' | 'worker';

/** What a command runs on. `stop` ends what this process started, and nothing else. */
export interface Environment {
  dataDir: string;
  postgres: Postgres | null;
  sandbox: Sandbox | null;
  sandboxProcess: Child | null;
  /** The variables of a child process with the database login of that role. */
  variables(role: DatabaseRole): NodeJS.ProcessEnv;
  /** Starts the database again after it died; its connection strings stay. */
  restartPostgres(): Promise<void>;
  /** Starts the sandbox again after it died. */
  restartSandbox(): Promise<void>;
  stop(options?: { immediate?: boolean }): Promise<void>;
}

interface Parts extends Pick<Environment, 'postgres' | 'sandbox' | 'sandboxProcess'> {
  urls: Record<DatabaseRole, string> | null;
}

export interface EnvironmentOptions {
  /** Whether the command needs an Azure; `make migrate` does not. */
  azure: boolean;
  /** Whether this command is the one that keeps everything running and takes over what a killed one left. */
  supervisor?: boolean;
  log?: (line: string) => void;
  mirror?: (line: string) => void;
}

/** Starts what the command needs and does not find running: database, schema, logins, sandbox. User-set variables win. */
export async function prepareEnvironment({
  azure,
  supervisor = false,
  log = () => {},
  mirror,
}: EnvironmentOptions): Promise<Environment> {
  const dataDir = resolveDataDir();
  const ownDatabase = Boolean(process.env['DATABASE_URL']?.trim());
  const withSandbox = azure && wantsSandbox(process.env);
  const base = withDefaults(process.env, { HOST: '127.0.0.1', LOG_FORMAT: 'pretty' });
  base['AZCOPS_DATA_DIR'] = dataDir;
  const parts: Parts = { postgres: null, sandbox: null, sandboxProcess: null, urls: null };

  const bringDatabase = async () => {
    const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), adoptOrphan: supervisor, log });
    parts.postgres = postgres;
    const owner = await ensureDatabase(postgres, database);
    const urls = processUrls(postgres, database);
    const logins = { DATABASE_OWNER_URL: owner, DATABASE_API_URL: urls.api, DATABASE_WORKER_URL: urls.worker };
    await runMigrations({ ...base, ...logins }, dataDir);
    parts.urls = urls;
    const databaseUrls = { owner, ...urls };
    updateState(dataDir, { postgres: { pid: postgres.pid, port: postgres.port }, databaseUrls });
  };
  const bringSandbox = async () => {
    parts.sandbox = await findSandbox(dataDir);
    parts.sandboxProcess = null;
    if (!parts.sandbox)
      ({ sandbox: parts.sandbox, child: parts.sandboxProcess } = await startSandbox(dataDir, base, mirror));
    const { pid, url, adminUrl, caFile } = parts.sandbox;
    const ca = join(dataDir, 'ca-bundle.pem');
    writeCaBundle(ca, caFile, process.env['NODE_EXTRA_CA_CERTS']);
    const startedBy = parts.sandboxProcess ? processIdentity() : readState(dataDir).sandbox?.startedBy;
    updateState(dataDir, { sandbox: { pid, url, adminUrl, startedBy }, ca });
  };
  const stop = async ({ immediate = false } = {}) => {
    if (immediate) parts.sandboxProcess?.kill();
    await parts.sandboxProcess?.stop(2000);
    await parts.postgres?.stop({ immediate });
    const { sandbox, postgres } = readState(dataDir);
    if (parts.sandboxProcess && sandbox) updateState(dataDir, { sandbox: { ...sandbox, pid: null } });
    if (parts.postgres?.owned && postgres) updateState(dataDir, { postgres: { ...postgres, pid: null } });
  };

  // At the same time, as both take a second or more; what started is stopped when the other fails.
  const outcomes = await Promise.allSettled([
    ownDatabase ? migrateOwn(base, dataDir) : bringDatabase(),
    withSandbox ? bringSandbox() : undefined,
  ]);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return {
    dataDir,
    get postgres() {
      return parts.postgres;
    },
    get sandbox() {
      return parts.sandbox;
    },
    get sandboxProcess() {
      return parts.sandboxProcess;
    },
    variables: (role) => {
      const variables = parts.sandbox
        ? withSandboxVariables(base, parts.sandbox, join(dataDir, 'ca-bundle.pem'))
        : { ...base };
      // The processes that serve and ingest never see any other login than their own.
      for (const name of ['OWNER', 'API', 'WORKER']) delete variables[`DATABASE_${name}_URL`];
      return withDefaults(variables, { DATABASE_URL: parts.urls?.[role] });
    },
    restartPostgres: bringDatabase,
    restartSandbox: bringSandbox,
    stop,
  };
}

/** With a database of the user's own, the schema is brought up to date only if the owner's login is given. */
async function migrateOwn(env: NodeJS.ProcessEnv, dataDir: string): Promise<void> {
  if (env['DATABASE_OWNER_URL']?.trim()) await runMigrations(env, dataDir);
}

async function runMigrations(env: NodeJS.ProcessEnv, dataDir: string): Promise<void> {
  const logFile = join(dataDir, 'logs', 'migrate.log');
  const child = new Child({ name: 'migrate', script: 'dist/migrations/main.js', env, logFile });
  await child.waitUntil(async () => child.exitCode === 0, 10 * 60_000);
  await child.exited;
}

function withDefaults(env: NodeJS.ProcessEnv, defaults: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const result = { ...env };
  for (const [name, value] of Object.entries(defaults))
    if (!result[name]?.trim() && value !== undefined) result[name] = value;
  return result;
}

/** The variables that lead a process to the sandbox instead of Azure; what the user set stays. */
export function withSandboxVariables(env: NodeJS.ProcessEnv, sandbox: Sandbox, caBundle: string): NodeJS.ProcessEnv {
  const result = withDefaults(env, {
    AZURE_AUTHORITY_HOST: sandbox.url,
    AZURE_RESOURCE_MANAGER_URL: sandbox.url,
    AZURE_METRICS_URL_TEMPLATE: sandbox.metricsUrlTemplate,
    AZURE_RETAIL_PRICES_URL: sandbox.retailPricesUrl,
    // The sandbox has no limits until its admin port switches them on; keeping to Azure's would only take minutes.
    AZURE_QUOTAS: 'off',
    AZURE_TENANT_ID: sandbox.homeTenantId,
    AZURE_CLIENT_ID: sandbox.application.clientId,
    AZURE_CLIENT_SECRET: sandbox.application.clientSecret,
    RAW_STORAGE_URL: sandbox.rawStorageUrl,
    AUTH_ISSUERS: sandbox.issuerTemplate,
    AUTH_AUDIENCES: sandbox.audience,
    AUTH_HOME_TENANT_ID: sandbox.homeTenantId,
  });
  result['NODE_EXTRA_CA_CERTS'] = caBundle;
  // Some clients read the lower-case name first, so both say the same.
  const exempt = env['NO_PROXY'] || env['no_proxy'];
  result['NO_PROXY'] = [exempt, 'localhost', '127.0.0.1'].filter(Boolean).join(',');
  result['no_proxy'] = result['NO_PROXY'];
  return result;
}
