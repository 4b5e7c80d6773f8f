import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryResultRow } from 'pg';
import type { Day, DayRange } from '#core/day.js';
import { withSandboxVariables } from '../../scripts/environment.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { request, type Answer } from '../../scripts/request.js';
import { sandboxToken, type Role } from '../../scripts/sandbox.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { PATIENCE_MS, TestProcess, until, type ProcessOptions } from './processes.js';
import type { Charged, TestSandbox } from './sandbox.js';

/** A window in the status of a run. */
export interface WindowStatus {
  connector: string;
  tenant_id: string;
  scope: string;
  from: Day | null;
  to: Day | null;
  status: string;
  attempt: number;
  reason: string | null;
  action: string | null;
  proof: { pages: number; rows: number; sha256: string[]; retries?: number } | null;
}

export interface RunStatus {
  run_id: string;
  mode: string;
  status: string;
  source: string;
  created_at: string;
  progress: { windows_done: number; windows_total: number | null; rows: number };
  totals: { currency: string; cost: string | null; amortized_cost: string | null }[];
  windows: WindowStatus[];
}

export interface Caller {
  role?: Role;
  /** Entra tenant; the operator's own by default. */
  tenant?: string;
}

/** How a command of the product is started. */
export type Launcher = (
  command: 'api' | 'ingestion',
  args: readonly string[],
  env: NodeJS.ProcessEnv,
) => Omit<ProcessOptions, 'name'>;

const fromDist: Launcher = (command, args, env) => ({ script: `dist/apps/${command}/main.js`, args, env });

const ENDED = ['succeeded', 'partially_succeeded', 'failed', 'cancelled'];

/** The built product on one database and one sandbox: API, workers and commands, stopped together. */
export class AzCops implements AsyncDisposable {
  private readonly processes: TestProcess[] = [];
  private readonly tokens = new Map<string, Promise<string>>();
  /** Of the API that was started last. */
  url = '';
  private workers = 0;

  private constructor(
    readonly sandbox: TestSandbox,
    readonly database: TestDatabase,
    private readonly env: NodeJS.ProcessEnv,
    readonly folder: string,
    private readonly launch: Launcher,
  ) {}

  /** Prepares without starting anything; `env` goes to every process. */
  static async open(
    sandbox: TestSandbox,
    {
      database,
      env = {},
      launch = fromDist,
    }: { database?: TestDatabase; env?: NodeJS.ProcessEnv; launch?: Launcher } = {},
  ): Promise<AzCops> {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-e2e-'));
    const { description } = sandbox;
    const variables = withSandboxVariables({}, description, description.caFile);
    const quiet = { SCHEDULE_FULL: 'off', SCHEDULE_INCREMENTAL: 'off' };
    return new AzCops(
      sandbox,
      database ?? (await createTestDatabase()),
      { ...variables, AZCOPS_DATA_DIR: folder, METRICS_PORT: '0', ...quiet, ...env },
      folder,
      launch,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()));
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async startApi(): Promise<TestProcess> {
    const env = { ...this.env, DATABASE_URL: this.database.apiUrl, HOST: '127.0.0.1', PORT: '0' };
    const api = this.add(new TestProcess({ name: 'api', ...this.launch('api', [], env) }));
    const { url } = await api.logged((line) => line['operation_name'] === 'start');
    this.url = url as string;
    return api;
  }

  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
    const worker = this.startIngestion(['worker'], env, `worker ${++this.workers}`);
    await worker.logged((line) => line['operation_name'] === 'start');
    return worker;
  }

  /** Starts the ingestion process with a command line. */
  startIngestion(args: readonly string[], env: NodeJS.ProcessEnv = {}, name = `ingestion ${args[0]}`): TestProcess {
    const variables = { ...this.env, DATABASE_URL: this.database.workerUrl, ...env };
    return this.add(new TestProcess({ name, ...this.launch('ingestion', args, variables) }));
  }

  /** Runs a command to its end. */
  async ingestion(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
    const command = this.startIngestion(args, env);
    await command.exited;
    return command;
  }

  /** One request to the API; by default of the operator's administrator. */
  async call(
    method: string,
    path: string,
    { body, role = 'admin', tenant, headers }: Caller & { body?: object; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return request(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token(role, tenant)}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      timeoutMs: PATIENCE_MS,
    });
  }

  /** The answer's body; throws for any other status than the expected. */
  async fetch<T>(method: string, path: string, status: number, options: Caller & { body?: object } = {}): Promise<T> {
    const answer = await this.call(method, path, options);
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  }

  get<T>(path: string, caller: Caller = {}): Promise<T> {
    return this.fetch<T>('GET', path, 200, caller);
  }

  /** Registers tenants of the sandbox by number; answers their ids. */
  async register(...tenants: number[]): Promise<string[]> {
    const ids: string[] = [];
    for (const number of tenants) {
      const { displayName, tenantId, type } = this.sandbox.description.tenants[number]!;
      const body = { name: displayName, azure_tenant_id: tenantId, type };
      ids.push((await this.fetch<{ id: string }>('POST', '/api/v1/tenants', 201, { body })).id);
    }
    return ids;
  }

  async trigger(body: object): Promise<string> {
    return (await this.fetch<{ run_id: string }>('POST', '/api/v1/ingestion/trigger', 202, { body })).run_id;
  }

  status(runId: string): Promise<RunStatus> {
    return this.get<RunStatus>(`/api/v1/ingestion/status/${runId}`);
  }

  /** The run once it has ended. */
  async ended(runId: string, timeoutMs = 40_000): Promise<RunStatus> {
    return until(
      `the end of run ${runId}`,
      async () => {
        const run = await this.status(runId);
        return ENDED.includes(run.status) && run;
      },
      timeoutMs,
    );
  }

  /** Triggers a run and follows it to its end. */
  async run(body: object): Promise<RunStatus> {
    return this.ended(await this.trigger(body));
  }

  /** The run once requests have met a delay, and nothing is open but the windows that wait because of it. */
  delayed(runId: string, fault: string, isOpen: (window: WindowStatus) => boolean): Promise<RunStatus> {
    return until('windows that wait for Azure', async () => {
      if (await this.sandbox.isPending(fault)) return null;
      const run = await this.status(runId);
      const reached = run.windows.every((window) => window.status === (isOpen(window) ? 'running' : 'succeeded'));
      // The number of all windows is known only once the last stage is planned, which comes after these.
      return reached && run.windows.some(isOpen) && run;
    });
  }

  /** What the API says the subscriptions cost, in the form of the sandbox's own account. */
  async costs({ from, to }: DayRange, filter = '', caller: Caller = {}): Promise<Charged[]> {
    const query = `group_by=subscription_id&granularity=none&from=${from}&to=${to}&page_size=500${filter}`;
    return (await this.get<{ items: Charged[] }>(`/api/v1/costs?${query}`, caller)).items;
  }

  /** Rows of a statement run as the owner of the tables. */
  async sql<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return withClient(this.database.ownerUrl, async (client) => (await client.query<Row>(text, values)).rows);
  }

  /** An access token of somebody in the sandbox; by default of the operator's administrator. */
  token(role: Role = 'admin', tenant?: string): Promise<string> {
    const key = `${role} ${tenant ?? ''}`;
    let token = this.tokens.get(key);
    if (!token) this.tokens.set(key, (token = sandboxToken(this.sandbox.description, role, tenant)));
    return token;
  }

  private add(process: TestProcess): TestProcess {
    this.processes.push(process);
    return process;
  }
}
