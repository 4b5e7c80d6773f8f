import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#migrations/migrate.js';
import { ensureProcessLogins } from '#migrations/process-logins.js';
import { ensureDatabase, processUrls } from '../../scripts/postgres-logins.js';
import { startPostgres, type Postgres } from '../../scripts/postgres.js';
import type { TestDatabase } from './database.js';
import { guard } from './processes.js';

/** A PostgreSQL server of a test's own, durable as in production, with a migrated database: it may be killed. */
export class OwnPostgres implements TestDatabase {
  private constructor(
    private readonly folder: string,
    private server: Postgres,
    readonly ownerUrl: string,
    readonly apiUrl: string,
    readonly workerUrl: string,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-e2e-'));
    // Passable, because the server may run under an account of its own.
    chmodSync(folder, 0o711);
    const server = await startServer(folder);
    const ownerUrl = await ensureDatabase(server, 'azcops');
    await migrate(ownerUrl);
    const { api, worker } = processUrls(server, 'azcops');
    await ensureProcessLogins(ownerUrl, { api, worker });
    return new OwnPostgres(folder, server, ownerUrl, api, worker);
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Ends the server as a power cut would. */
  kill(): void {
    process.kill(this.server.pid, 'SIGKILL');
    guard('-', this.server.pid);
  }

  /** Starts it again on the same data and port. */
  async restart(): Promise<void> {
    const { port } = this.server;
    this.server = await startServer(this.folder);
    if (this.server.port !== port) throw new Error(`Port ${port} was taken while the server was down.`);
  }

  async drop(): Promise<void> {
    await this.server.stop({ immediate: true });
    guard('-', this.server.pid);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function startServer(folder: string): Promise<Postgres> {
  const server = await startPostgres({ dataDir: join(folder, 'postgres') });
  guard('+', server.pid);
  return server;
}
