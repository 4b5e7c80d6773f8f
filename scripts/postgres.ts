import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from './free-port.js';
import { readJsonFile, writeJsonFile } from './json-file.js';
import {
  clusterOwner,
  ensureCluster,
  ownerLogin,
  processLogins,
  readPostmasterFile,
  serverEnvironment,
  serverProcesses,
} from './postgres-cluster.js';
import { makePassableFolder, placeBinaries, placeCluster, serverAccount } from './postgres-placement.js';
import { acquireLock, isRunning, processIdentity, type ProcessIdentity } from './project.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

export interface PostgresOptions {
  /** Folder of the cluster, its log and its passwords. */
  dataDir: string;
  /** Port to use; by default the one of the last start, at first a free one. */
  port?: number;
  /** For tests: gives up durability for speed. */
  fast?: boolean;
  /** Takes over a running server whose starter is gone, so that somebody stops it. */
  adoptOrphan?: boolean;
  log?: (line: string) => void;
}

export interface Postgres {
  /** Connection string of a database for the superuser, or for one of `processLogins`. */
  url(database: string, login?: string): string;
  readonly dataDir: string;
  readonly port: number;
  readonly pid: number;
  /** Whether this process started the server (or took it over) and therefore stops it. */
  readonly owned: boolean;
  isAlive(): boolean;
  /** Stops the server if it is owned, at once when `immediate`; otherwise leaves it alone. */
  stop(options?: { immediate?: boolean }): Promise<void>;
}

interface ServerFile {
  port: number;
  cluster: string;
  passwords: Record<string, string>;
  startedBy?: ProcessIdentity;
}

const serverFile = (dataDir: string) => join(dataDir, 'server.json');
const newPassword = () => randomBytes(24).toString('base64url');

/** The password of one of the three logins of this cluster; they are made together with it. */
function passwordOf(dataDir: string, login: string): string {
  const password = readJsonFile<ServerFile>(serverFile(dataDir))?.passwords[login];
  if (!password) throw new Error(`There is no login ${login} of a PostgreSQL in ${dataDir}.`);
  return password;
}

/**
 * Starts the embedded PostgreSQL of a folder, or reuses the one that runs there already; creates it at first.
 * Listens on loopback only; recovers after a kill of the server, of its starter, or of the machine.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const log = options.log ?? (() => {});
  const dataDir = resolve(options.dataDir);
  makePassableFolder(dataDir);
  const lock = await acquireLock(join(dataDir, 'start.lock'));
  try {
    const known = readJsonFile<ServerFile>(serverFile(dataDir));
    const account = (known && clusterOwner(resolve(dataDir, known.cluster))) ?? serverAccount();
    const clusterDir = known ? resolve(dataDir, known.cluster) : placeCluster(dataDir, account, log);
    const inside = relative(dataDir, clusterDir);
    const server: ServerFile = known ?? {
      port: options.port ?? (await findFreePort()),
      cluster: inside.startsWith('..') || isAbsolute(inside) ? clusterDir : inside,
      passwords: Object.fromEntries(
        [ownerLogin, ...Object.values(processLogins)].map((login) => [login, newPassword()]),
      ),
    };
    writeJsonFile(serverFile(dataDir), server);
    const binaries = await placeBinaries(account, log);
    ensureCluster(clusterDir, binaries, account, server.passwords[ownerLogin]!);

    const running = await findRunning(clusterDir, server);
    if (running) {
      const orphan = !server.startedBy || !isRunning(server.startedBy);
      const owned = Boolean(options.adoptOrphan) && orphan;
      if (owned) writeJsonFile(serverFile(dataDir), { ...server, startedBy: processIdentity() });
      return handle({ dataDir, ...running, owned });
    }

    const port = await findFreePort(options.port ?? server.port);
    if (port !== server.port && known) log(`Port ${server.port} is taken; PostgreSQL moves to port ${port}.`);
    const args = serverArguments(clusterDir, port, options.fast ?? false);
    const child = await launch(binaries.postgres, args, {
      account,
      clusterDir,
      logFile: join(dataDir, 'postgres.log'),
    });
    writeJsonFile(serverFile(dataDir), { ...server, port, startedBy: processIdentity() });
    return handle({ dataDir, port, pid: child.pid!, owned: true });
  } finally {
    lock.release?.();
  }
}

function serverArguments(clusterDir: string, port: number, fast: boolean): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    // A socket file in a shared folder collides with other servers.
    unix_socket_directories: '',
    // Tests run many processes at once on one server.
    max_connections: fast ? '400' : '100',
    shared_buffers: fast ? '128MB' : '256MB',
    // Disks of today jump as fast as they read on; compiling queries pays off for none of ours.
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(fast && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const assignments = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', clusterDir, '-p', String(port), ...assignments];
}

function connectionString(dataDir: string, port: number, database: string, login: string): string {
  const url = new URL(`postgresql://127.0.0.1:${port}/`);
  url.username = login;
  url.password = passwordOf(dataDir, login);
  url.pathname = `/${database}`;
  return url.href;
}

/** Waits until a server in transition is up or gone. Null: none runs, and no stale pid file is in the way. */
async function findRunning(clusterDir: string, server: ServerFile): Promise<{ pid: number; port: number } | null> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(100)) {
    const processes = serverProcesses(clusterDir);
    const file = readPostmasterFile(clusterDir);
    if (processes.length === 0) {
      rmSync(join(clusterDir, 'postmaster.pid'), { force: true });
      return null;
    }
    if (file?.ready && processes.includes(file.pid) && (await answers(file.port, server.passwords[ownerLogin]!)))
      return file;
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL runs in ${clusterDir} (process ${processes.join(', ')}) but does not answer.\n` +
          'What to do: look at postgres.log in the data directory, stop that process and run the command again.',
      );
    }
  }
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: ownerLogin,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 3000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new Error(
      `The PostgreSQL on port ${port} does not accept the password in server.json of its data directory.`,
      {
        cause: error,
      },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

interface LaunchContext {
  account: { uid: number; gid: number } | null;
  clusterDir: string;
  logFile: string;
}

async function launch(
  program: string,
  args: string[],
  { account, clusterDir, logFile }: LaunchContext,
): Promise<ChildProcess> {
  const output = openSync(logFile, 'a', 0o600);
  if (statSync(logFile).size > LOG_LIMIT_BYTES) truncateSync(logFile);
  try {
    for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(200)) {
      const logged = statSync(logFile).size;
      // A session of its own: Ctrl-C in the terminal must not stop the server before those who use it.
      const child = spawn(program, args, {
        ...account,
        cwd: '/',
        detached: true,
        stdio: ['ignore', output, output],
        env: serverEnvironment(),
      });
      if (await becomesReady(child, clusterDir, deadline)) {
        child.unref();
        return child;
      }
      const said = readFileSync(logFile, 'utf8').slice(logged).trim();
      // Children of a killed postmaster hold its shared memory for a moment; they leave on their own.
      const transient = /postmaster\.pid|shared memory block|another server might be running/i.test(said);
      if (!transient || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${said}`);
      if (serverProcesses(clusterDir).length === 0) rmSync(join(clusterDir, 'postmaster.pid'), { force: true });
    }
  } finally {
    closeSync(output);
  }
}

async function becomesReady(child: ChildProcess, clusterDir: string, deadline: number): Promise<boolean> {
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  while (!ended) {
    const file = readPostmasterFile(clusterDir);
    if (file?.ready && file.pid === child.pid) return true;
    if (Date.now() > deadline) child.kill('SIGQUIT');
    await sleep(20);
  }
  return false;
}

function handle({ dataDir, port, pid, owned }: Pick<Postgres, 'dataDir' | 'port' | 'pid' | 'owned'>): Postgres {
  const identity = processIdentity(pid);
  return {
    dataDir,
    port,
    pid,
    owned,
    url: (database, login = ownerLogin) => connectionString(dataDir, port, database, login),
    isAlive: () => isRunning(identity),
    async stop({ immediate = false } = {}) {
      if (!owned) return;
      // Fast shutdown ends the sessions and writes a checkpoint; immediate leaves the rest to recovery.
      for (const signal of immediate ? (['SIGQUIT'] as const) : (['SIGINT', 'SIGQUIT'] as const)) {
        if (isRunning(identity)) process.kill(pid, signal);
        for (const deadline = Date.now() + STOP_TIMEOUT_MS; isRunning(identity) && Date.now() < deadline;)
          await sleep(20);
      }
      if (isRunning(identity)) throw new Error(`PostgreSQL (process ${pid}) does not stop.`);
    },
  };
}
