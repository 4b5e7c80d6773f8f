import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../../scripts/postgres-logins.js';
import { startPostgres, type Postgres } from '../../scripts/postgres.js';
import { guard } from './processes.js';

/**
 * A PostgreSQL as a managed service hands it over: a server of its own with one empty database, whose owner may make
 * roles and is no superuser.
 */
export class PlainPostgres {
  private constructor(
    private readonly folder: string,
    private readonly server: Postgres,
    readonly ownerUrl: string,
  ) {}

  static async start(): Promise<PlainPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-postgres-'));
    // Passable, because the server may run under an account of its own.
    chmodSync(folder, 0o711);
    const server = await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
    guard('+', server.pid);
    const postgres = new PlainPostgres(folder, server, urlAs(server.url('azcops'), 'manager', 'of the manager'));
    await postgres.administrate(
      "CREATE ROLE manager LOGIN CREATEROLE PASSWORD 'of the manager'",
      'CREATE DATABASE azcops OWNER manager',
    );
    return postgres;
  }

  /** Connection string of the superuser. */
  get superuserUrl(): string {
    return this.server.url('azcops');
  }

  /** Connection string of any login. */
  as(username: string, password: string): string {
    return urlAs(this.ownerUrl, username, password);
  }

  /** Runs statements as the superuser. */
  async administrate(...statements: string[]): Promise<void> {
    await withClient(this.server.url('postgres'), async (client) => {
      for (const sql of statements) await client.query(sql);
    });
  }

  async drop(): Promise<void> {
    await this.server.stop({ immediate: true });
    guard('-', this.server.pid);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function urlAs(url: string, username: string, password: string): string {
  return Object.assign(new URL(url), { username, password: encodeURIComponent(password) }).href;
}
