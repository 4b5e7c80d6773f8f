import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Connector, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import { loadConfig } from '#core/config.js';
import type {
  CostDimension,
  CostRecord,
  RecordKind,
  RecordKinds,
  ResourceRecord,
  SubscriptionRecord,
} from '#core/records.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { TestDatabase } from './database.js';
import { openTestLogins, type TestLogins } from './ledger.js';
import type { NewRun } from '#db/repositories/ingestion-run.repository.js';
import type { WindowRow } from '#db/repositories/ingestion-window.repository.js';
import { connectParts, type Parts } from '../../apps/ingestion/parts.js';
import { RunPlanner } from '../../apps/ingestion/planner/run-planner.js';
import { WindowRunner } from '../../apps/ingestion/worker/window-runner.js';

export const ACTOR = { tenantId: null, id: 'test', name: 'test', correlationId: 'correlation' };
const SUBSCRIPTIONS = ['s1', 's2', 's3'] as const;
const DAYS = { from: '2026-04-01', to: '2026-04-30' };

type Read = (window: WindowSpec, context: ReadContext) => AsyncGenerator<readonly unknown[], ReadProof>;

/** What is read where, as `connector scope`; whatever is not named answers one complete record. */
export class FakeSources {
  readonly reads = new Map<string, Read>();

  connectors(): Map<string, Connector> {
    const tenantWide = () => [{ scope: 'tenant', subscriptionId: null, range: null }];
    const connectors: Connector[] = [
      this.connector('subscriptions', 'discovery', 'subscription', tenantWide),
      this.connector('resource-graph', 'estate', 'resource', tenantWide),
      this.connector('cost-management', 'estate', 'cost', ({ subscriptions, range }) =>
        subscriptions.map(({ subscriptionId }) => ({ scope: subscriptionId, subscriptionId, range: range ?? DAYS })),
      ),
    ];
    return new Map(connectors.map((connector) => [connector.id, connector]));
  }

  private connector<K extends RecordKind>(
    id: string,
    stage: Connector['stage'],
    produces: K,
    windows: Connector['windows'],
  ): Connector {
    const read = (window: WindowSpec, context: ReadContext) =>
      (this.reads.get(`${id} ${window.scope}`) ?? this.usual(produces))(window, context);
    return {
      id,
      title: id,
      api: id,
      apiVersion: '1',
      requiredRoles: [],
      stage,
      produces,
      modes: id === 'cost-management' ? ['full', 'incremental'] : ['full'],
      windows,
      read: read as Connector['read'],
      async *check() {},
    };
  }

  private usual(kind: RecordKind): Read {
    const records: { [R in RecordKind]: (window: WindowSpec) => RecordKinds[R][] } = {
      subscription: () => SUBSCRIPTIONS.map(subscriptionRecord),
      resource: () => [resourceRecord('/one')],
      cost: (window) => [costRecord({ subscriptionId: window.subscriptionId })],
      metric: () => [],
      recommendation: () => [],
      assessment: () => [],
      price: () => [],
      'virtual-machine-size': () => [],
    };
    return async function* (window) {
      yield records[kind](window);
      return proof();
    };
  }
}

export function proof(changes: Partial<ReadProof> = {}): ReadProof {
  return {
    pages: 1,
    rows: 1,
    expected: null,
    complete: true,
    incompleteReason: null,
    coveredDays: [],
    subscriptionsSeen: [...SUBSCRIPTIONS],
    grain: null,
    amounts: 'both',
    unavailable: null,
    ...changes,
  };
}

function subscriptionRecord(subscriptionId: string): SubscriptionRecord {
  return {
    subscriptionId,
    displayName: subscriptionId,
    state: 'Enabled',
    quotaId: null,
    homeTenantId: null,
    managedBy: [],
  };
}

export function resourceRecord(resourceId: string, changes: Partial<ResourceRecord> = {}): ResourceRecord {
  return {
    resourceId,
    originalId: resourceId.toUpperCase(),
    subscriptionId: 's1',
    name: resourceId.slice(1),
    type: 'vm',
    kind: null,
    location: null,
    resourceGroup: null,
    managedBy: null,
    tags: {},
    sku: null,
    properties: {},
    ...changes,
  };
}

export function costRecord({
  cost = '1',
  amortizedCost = '1',
  ...described
}: Partial<Pick<CostRecord, 'cost' | 'amortizedCost'> & CostDimension> = {}): CostRecord {
  const dimension = {
    provider: 'Microsoft',
    billingAccountId: null,
    subscriptionId: 's1',
    resourceGroup: null,
    serviceName: null,
    meterCategory: null,
    chargeType: null,
    pricingModel: null,
    publisher: null,
    location: null,
    resourceId: null,
    ...described,
  };
  return { day: '2026-04-01', dimension, currency: 'USD', cost, amortizedCost };
}

/** A worker's parts over a database of its own, with sources that the test scripts. */
export class TestIngestion {
  private constructor(
    readonly logins: TestLogins,
    readonly parts: Parts,
    readonly sources: FakeSources,
    private readonly folder: string,
    private readonly close: () => Promise<void>,
  ) {}

  static async open(changes: Partial<Parts> = {}, concurrency = 3, database?: TestDatabase): Promise<TestIngestion> {
    const logins = await openTestLogins(database);
    return TestIngestion.over(logins, changes, concurrency, () => logins.close());
  }

  /** Another worker of the same database. */
  beside(changes: Partial<Parts> = {}, concurrency = 3): Promise<TestIngestion> {
    return TestIngestion.over(this.logins, changes, concurrency, () => Promise.resolve());
  }

  private static async over(
    logins: TestLogins,
    changes: Partial<Parts>,
    concurrency: number,
    close: () => Promise<void>,
  ): Promise<TestIngestion> {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-ingestion-'));
    const config = loadConfig(['database'], {
      DATABASE_URL: logins.urls.worker,
      AZCOPS_DATA_DIR: folder,
      INGESTION_CONCURRENCY: String(concurrency),
    });
    const parts = await connectParts(config, pino({ level: 'silent' }));
    const sources = new FakeSources();
    return new TestIngestion(
      logins,
      { ...parts, connectors: sources.connectors(), ...changes },
      sources,
      folder,
      close,
    );
  }

  /** Closes the connections, unless a stopped worker has done so. */
  async end(): Promise<void> {
    await this.parts.close();
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  request(changes: Partial<NewRun> = {}): Promise<{ runId: string; created: boolean } | null> {
    const everything: NewRun = {
      mode: 'full',
      tenantId: null,
      subscriptionIds: null,
      connectors: null,
      from: null,
      to: null,
      source: 'cli',
    };
    return this.parts.runs.request(ALL_TENANTS, { ...everything, ...changes }, ACTOR);
  }

  /** A planned run of the tenant. */
  async startRun(tenantId: string, changes: Partial<NewRun> = {}): Promise<string> {
    const { runId } = (await this.request({ tenantId, ...changes }))!;
    await this.plan(runId);
    return runId;
  }

  plan(runId: string): Promise<void> {
    return new RunPlanner(this.parts).plan(runId);
  }

  windows(runId: string): Promise<WindowRow[]> {
    return this.parts.windows.list(ALL_TENANTS, runId);
  }

  async window(runId: string, connector = 'cost-management', scope?: string): Promise<WindowRow> {
    const found = (await this.windows(runId)).find(
      (window) => window.connector === connector && (scope === undefined || window.scope === scope),
    );
    if (!found) throw new Error(`no window of ${connector} ${scope}`);
    return found;
  }

  /** One attempt at a window, as a worker makes it; answers what became of it. */
  async attempt({ tenant_id: tenantId, id }: WindowRow, signal = new AbortController().signal): Promise<WindowRow> {
    const claimed = await this.parts.windows.claim(tenantId, id, this.parts.worker);
    if (!claimed) throw new Error('the window cannot be claimed');
    await new WindowRunner(this.parts).run(claimed, signal);
    return (await this.windows(claimed.runId)).find((window) => window.id === id)!;
  }

  /** One attempt at every open window and the plans that follow, until the run ends or nothing can be claimed. */
  async workOff(runId: string): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      const open = (await this.windows(runId)).filter(
        ({ status, waiting_until: until }) => status === 'pending' && !until,
      );
      for (const window of open) await this.attempt(window);
      await this.plan(runId);
      if (open.length === 0) return;
    }
  }

  run(runId: string) {
    return this.parts.runs.get(ALL_TENANTS, runId);
  }

  /** Ends the wait that a window's last attempt asked for. */
  async endWait(windowId: string): Promise<void> {
    await this.logins.owner.pool.query(
      `UPDATE ingestion_windows SET waiting_until = now() - interval '1 second' WHERE id = $1`,
      [windowId],
    );
  }
}
