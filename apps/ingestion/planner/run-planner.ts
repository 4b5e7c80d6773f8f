import {
  STAGES,
  type Connector,
  type PlanRequest,
  type Stage,
  type TargetSubscription,
  type WindowSpec,
} from '#core/connector.js';
import type { PlannedRun, PlannedWindow } from '#db/repositories/ingestion-plan.repository.js';
import type { Refresh } from '#db/repositories/ingestion-run.repository.js';
import type { Parts } from '../parts.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Cuts a run into windows, stage by stage: what discovery finds decides what the next stage reads.
 * Called when a run begins and whenever its last open window has ended; the last call gives the run its final status.
 */
export class RunPlanner {
  constructor(private readonly parts: Parts) {}

  async plan(runId: string): Promise<void> {
    const { plans, logger, clock } = this.parts;
    const run = await plans.startPlanning(runId);
    if (!run) return;
    const startedAt = clock.now();
    for (const stage of STAGES.slice(run.stage ? STAGES.indexOf(run.stage) + 1 : 0)) {
      const { windows: planned, refresh } = await this.planStage(run, stage);
      const isLast = STAGES.slice(STAGES.indexOf(stage) + 1).every((later) => this.asked(run, later).length === 0);
      if (!(await plans.addStage(run, stage, planned, refresh, isLast))) return;
      run.stage = stage;
      logger.info(
        {
          operation_name: 'plan_run',
          correlation_id: run.correlationId,
          tenant_id: run.tenantId,
          run_id: runId,
          stage,
          windows: planned.length,
          duration_ms: clock.now().getTime() - startedAt.getTime(),
        },
        'run planned',
      );
      // The stage's last window asks for the next one.
      if (planned.length > 0) return;
    }
    const status = await plans.finishRun(runId);
    if (status) {
      this.parts.metrics.observeRun(run.mode, status);
      logger.info(
        { operation_name: 'run', correlation_id: run.correlationId, tenant_id: run.tenantId, run_id: runId, status },
        'run ended',
      );
    }
  }

  private async planStage(run: PlannedRun, stage: Stage): Promise<{ windows: PlannedWindow[]; refresh: Refresh[] }> {
    const { tenants, subscriptions, resources, config, clock } = this.parts;
    const asked = this.asked(run, stage);
    const windows: PlannedWindow[] = [];
    const refresh: Refresh[] = [];
    if (asked.length === 0) return { windows, refresh };
    const readBefore = new Map<string, Set<string>>();
    for (const connector of asked) readBefore.set(connector.id, await this.readBefore(run, connector));
    await subscriptions.chooseReaders();
    for (const tenant of await tenants.targets(run.tenantId)) {
      const targets = await subscriptions.targets(tenant.id, run.subscriptionIds);
      for (const connector of asked) {
        const callsLeft = run.mode === 'incremental' ? await this.callsLeft(tenant.id, connector) : null;
        const wanted = connector.windows({
          resources: await resources.countBySubscription(tenant.id, connector.resourceTypes ?? []),
          ...(await this.sharedNeeds(tenant.id, connector, targets)),
          callsLeft,
          mode: run.mode,
          now: clock.now(),
          range: run.from && run.to ? { from: run.from, to: run.to } : null,
          tenant,
          subscriptions: targets,
          backfillMonths: config.ingestion.backfillMonths,
        });
        const known = readBefore.get(connector.id)!;
        const specs = wanted.filter(({ scope }) => !known.has(scope));
        // What several tenants need of a shared source is read for the first of them.
        if (connector.sharedForDays !== undefined) for (const { scope } of specs) known.add(scope);
        windows.push(...specs.map((spec) => ({ ...spec, tenantId: tenant.id, connector: connector.id })));
        if (callsLeft !== null) refresh.push(refreshOf(tenant.id, connector.id, specs, targets.length));
      }
    }
    return { windows, refresh };
  }

  private asked(run: PlannedRun, stage: Stage): Connector[] {
    return [...this.parts.connectors.values()].filter(
      (connector) =>
        connector.stage === stage &&
        connector.modes.includes(run.mode) &&
        (run.connectors?.includes(connector.id) ?? true) &&
        // Whoever names subscriptions knows them: discovering all others first would only cost time.
        (stage !== 'discovery' || run.subscriptionIds === null || run.connectors !== null),
    );
  }

  /** Scopes of a shared source that are known well enough; whoever asks for the source by name wants them read again. */
  private async readBefore(run: PlannedRun, { id, sharedForDays }: Connector): Promise<Set<string>> {
    if (sharedForDays === undefined || run.connectors !== null) return new Set();
    const since = new Date(this.parts.clock.now().getTime() - sharedForDays * DAY_MS);
    return new Set(await this.parts.plans.scopesReadSince(id, since));
  }

  /** What of a shared source a tenant has a use for: its regions, by the subscriptions that are read, and its currencies. */
  private async sharedNeeds(
    tenantId: string,
    { sharedForDays, resourceTypes = [] }: Connector,
    targets: readonly TargetSubscription[],
  ): Promise<Pick<PlanRequest, 'regions' | 'currencies'>> {
    if (sharedForDays === undefined) return { regions: new Map(), currencies: [] };
    const { resources, prices } = this.parts;
    const targeted = new Set(targets.map(({ subscriptionId }) => subscriptionId));
    const regions = new Map<string, string[]>();
    for (const [region, holders] of await resources.regions(tenantId, resourceTypes)) {
      const read = holders.filter((holder) => targeted.has(holder));
      if (read.length > 0) regions.set(region, read);
    }
    return { regions, currencies: await prices.currenciesOf(tenantId) };
  }

  /** Calls that the source's quotas leave until the next hourly run; null when nothing limits them. */
  private async callsLeft(tenantId: string, { tenantDraws }: Connector): Promise<number | null> {
    return tenantDraws ? this.parts.quotaBudget.room(tenantId, tenantDraws, HOUR_MS) : null;
  }
}

/** How much of a tenant an incremental run reads, and after how many such runs everything has been read once. */
function refreshOf(tenantId: string, connector: string, specs: readonly WindowSpec[], total: number): Refresh {
  const planned = new Set(specs.map(({ scope }) => scope)).size;
  return {
    tenant_id: tenantId,
    connector,
    planned,
    total,
    every_runs: planned === 0 ? null : Math.ceil(total / planned),
  };
}
