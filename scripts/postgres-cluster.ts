import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { PostgresBinaries, ServerAccount } from './postgres-placement.js';
import { isRunning } from './project.js';

const majorVersion = '17';

/** Name of the superuser that owns the cluster and runs migrations. */
export const ownerLogin = 'azcops_owner';

/** The logins of the two processes; each gets its rights from a group role that the migrations make. */
export const processLogins = { api: 'azcops_api_login', worker: 'azcops_worker_login' } as const;

/** When this process is root: the account that an existing cluster belongs to, and under which alone it starts. */
export function clusterOwner(clusterDir: string): ServerAccount | null {
  if (process.getuid?.() !== 0 || !existsSync(clusterDir)) return null;
  const { uid, gid } = statSync(clusterDir);
  return { uid, gid };
}

/** Creates the cluster unless it exists; a half-made one is never left under the final name. */
export function ensureCluster(
  clusterDir: string,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  ownerPassword: string,
): void {
  const versionFile = join(clusterDir, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const found = readFileSync(versionFile, 'utf8').trim();
    if (found === majorVersion) return;
    throw new Error(
      `The database in ${clusterDir} was made by PostgreSQL ${found}; this AzCops brings ${majorVersion}.\n` +
        'What to do: run it with the AzCops that made it and dump it, or use another AZCOPS_DATA_DIR.',
    );
  }
  const draft = `${clusterDir}.new`;
  const passwordFile = `${clusterDir}.password`;
  rmSync(draft, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, ownerPassword, { mode: 0o600 });
    if (account) for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid);
    const args = ['--pgdata', draft, '--username', ownerLogin, '--pwfile', passwordFile, '--auth=scram-sha-256'];
    // Without these the locale of the environment decides, and without any the cluster becomes SQL_ASCII.
    args.push(
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    );
    const { error, status, stdout, stderr } = spawnSync(binaries.initdb, args, {
      ...account,
      cwd: '/',
      env: serverEnvironment(),
      encoding: 'utf8',
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`initdb failed in ${dirname(clusterDir)}:\n${stdout}${stderr}`);
    renameSync(draft, clusterDir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

/** The environment of the server's programs: nothing of the user's (PGPORT, LANG and the like) may change them. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

/** What `postmaster.pid` says; null when there is none. */
export function readPostmasterFile(clusterDir: string): { pid: number; port: number; ready: boolean } | null {
  const file = join(clusterDir, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Pids of the living server processes of this cluster. A pid file proves nothing: after a reboot or in a new
 * container its pid belongs to somebody else, and a killed postmaster may stay a zombie for as long as PID 1 likes.
 */
export function serverProcesses(clusterDir: string): number[] {
  if (!existsSync('/proc/self/cwd')) {
    const pid = readPostmasterFile(clusterDir)?.pid;
    return pid && isRunning({ pid }) ? [pid] : [];
  }
  const folder = realpathSync(clusterDir);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === folder && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'postgres\n'
        );
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => isRunning({ pid }));
}
