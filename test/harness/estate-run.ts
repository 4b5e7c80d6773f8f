import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { pino, type Logger } from 'pino';
import type { Clock } from '#core/clock.js';
import { loadConfig } from '#core/config.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { RunRow } from '#db/repositories/ingestion-run.repository.js';
import type { WindowRow } from '#db/repositories/ingestion-window.repository.js';
import { connectParts, type Parts } from '../../apps/ingestion/parts.js';
import { IngestionWorker } from '../../apps/ingestion/worker/ingestion-worker.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../apps/sandbox/server.js';
import { withSandboxVariables } from '../../scripts/environment.js';
import { request } from '../../scripts/request.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { addTenant, connectTo } from './ledger.js';
import { ACTOR } from './ingestion.js';

/** Requests to one of the sandbox's services, and how many of them were throttled. */
export interface ServiceCount {
  service: string;
  requests: number;
  throttled: number;
}

export interface EstateRunOptions {
  sandbox: Omit<SandboxOptions, 'dataDir' | 'wallClock'>;
  /** Whether the sandbox enforces Azure's limits. */
  throttling: boolean;
  /** Environment of the workers. */
  env?: NodeJS.ProcessEnv;
  /** Given the database, what everything takes its time from. */
  clock: (database: TestDatabase) => Promise<Clock>;
  logger?: Logger;
}

/** Real workers in this process, on a sandbox in this process and a database of their own, all by one clock. */
export class EstateRun implements AsyncDisposable {
  private readonly workers: IngestionWorker[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly sandbox: Sandbox,
    readonly clock: Clock,
    readonly tenantId: string,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly logger: Logger,
  ) {}

  static async open(options: EstateRunOptions): Promise<EstateRun> {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-estate-'));
    const database = await createTestDatabase();
    const clock = await options.clock(database);
    const sandbox = await startSandbox({ ...options.sandbox, dataDir: folder, wallClock: clock });
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(sandbox.caFile, 'utf8')]);
    const env = {
      ...withSandboxVariables({}, sandbox as never, sandbox.caFile),
      AZURE_QUOTAS: 'documented',
      RAW_STORAGE_URL: join(folder, 'raw'),
      AZCOPS_DATA_DIR: folder,
      DATABASE_URL: database.workerUrl,
      ...options.env,
    };
    const owner = connectTo(database.ownerUrl);
    const tenantId = await addTenant(owner, 'estate', sandbox.homeTenantId);
    await owner.close();
    const run = new EstateRun(
      database,
      sandbox,
      clock,
      tenantId,
      folder,
      env,
      options.logger ?? pino({ level: 'silent' }),
    );
    if (options.throttling) {
      const limits = { costManagement: true, resourceGraph: true, resourceManager: true, monitor: true };
      await run.admin('PUT', '/throttling', limits);
    }
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Another worker; `stopWorkers` ends all. */
  async startWorker(changes: (parts: Parts) => Partial<Parts> = () => ({})): Promise<Parts> {
    const parts = await connectParts(loadConfig(['database'], this.env), this.logger, this.clock);
    const all = { ...parts, ...changes(parts) };
    const worker = new IngestionWorker(all);
    await worker.start();
    this.workers.push(worker);
    return all;
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
  }

  async request(parts: Parts, mode: 'full' | 'incremental' = 'full'): Promise<string> {
    const everything = { tenantId: this.tenantId, subscriptionIds: null, connectors: null, from: null, to: null };
    return (await parts.runs.request(ALL_TENANTS, { mode, source: 'cli', ...everything }, ACTOR))!.runId;
  }

  run(parts: Parts, runId: string): Promise<RunRow> {
    return parts.runs.get(ALL_TENANTS, runId);
  }

  windows(parts: Parts, runId: string): Promise<WindowRow[]> {
    return parts.windows.list(ALL_TENANTS, runId);
  }

  /** What the sandbox was asked, by service. */
  async counts(): Promise<ServiceCount[]> {
    const { counts } = await this.admin<{ counts: { service: string; requests: number; throttled: number }[] }>(
      'GET',
      '/requests/counts',
    );
    return counts;
  }

  async admin<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const url = `${this.sandbox.adminUrl}${path}`;
    const answer = await request(url, { method, body: body && JSON.stringify(body), timeoutMs: 60_000 });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  }
}
