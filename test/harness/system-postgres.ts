import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { migrate } from '#migrations/migrate.js';
import { ensureProcessLogins } from '#migrations/process-logins.js';
import { findFreePort } from '../../scripts/free-port.js';
import { withClient } from '../../scripts/postgres-logins.js';
import type { TestDatabase } from './database.js';
import { guard, until } from './processes.js';

const run = promisify(execFile);
const PROGRAMS = ['initdb', 'postgres', 'pg_dump', 'pg_restore'];

/** Folder of this machine's own PostgreSQL with the programs that the embedded one lacks; null where there is none. */
export function systemPostgres(): string | null {
  try {
    const folder = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim();
    return PROGRAMS.every((program) => existsSync(join(folder, program))) ? folder : null;
  } catch {
    return null;
  }
}

/** A server of the machine's own PostgreSQL, as an operator has it: its owner of AzCops' database is no superuser. */
export class SystemPostgres implements TestDatabase {
  private constructor(
    private readonly bin: string,
    private readonly folder: string,
    private readonly server: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(bin: string): Promise<SystemPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-e2e-'));
    const account = serverAccount();
    chmodSync(folder, 0o700);
    if (account.uid !== undefined) chownSync(folder, account.uid, account.gid!);
    const data = join(folder, 'data');
    await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
      ...account,
      cwd: '/',
    });
    const port = await findFreePort();
    const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
    const server = spawn(join(bin, 'postgres'), args, { ...account, cwd: '/', stdio: 'ignore' });
    guard('+', server.pid!);
    const postgres = new SystemPostgres(bin, folder, server, port);
    await until('the server answers', async () =>
      withClient(postgres.url('postgres', 'postgres'), (client) => client.query('SELECT 1')).then(
        () => true,
        () => false,
      ),
    );
    await postgres.admin('CREATE ROLE azcops_owner LOGIN CREATEROLE');
    await postgres.admin('CREATE DATABASE azcops OWNER azcops_owner');
    return postgres;
  }

  get ownerUrl(): string {
    return this.url('azcops_owner');
  }
  get apiUrl(): string {
    return this.url('azcops_api_login', 'azcops', 'api');
  }
  get workerUrl(): string {
    return this.url('azcops_worker_login', 'azcops', 'worker');
  }

  /** What `migrate` does in the image. */
  async migrate(): Promise<void> {
    await migrate(this.ownerUrl);
    await ensureProcessLogins(this.ownerUrl, { api: this.apiUrl, worker: this.workerUrl });
  }

  async admin(sql: string): Promise<void> {
    await withClient(this.url('postgres', 'postgres'), (client) => client.query(sql));
  }

  async dump(file: string): Promise<void> {
    await run(join(this.bin, 'pg_dump'), ['--format=custom', '--no-owner', '--file', file, this.ownerUrl]);
  }

  async restore(file: string): Promise<void> {
    const args = ['--no-owner', '--exit-on-error', '--dbname', this.ownerUrl, file];
    await run(join(this.bin, 'pg_restore'), args);
  }

  async drop(): Promise<void> {
    this.server.kill('SIGQUIT');
    await new Promise((resolve) => (this.server.exitCode === null ? this.server.once('exit', resolve) : resolve(null)));
    guard('-', this.server.pid!);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private url(user: string, database = 'azcops', password = 'owner'): string {
    return `postgresql://${user}:${password}@127.0.0.1:${this.port}/${database}`;
  }
}

/** PostgreSQL refuses to run as root. */
function serverAccount(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
