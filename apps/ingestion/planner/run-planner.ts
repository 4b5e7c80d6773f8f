import { STAGES, type Stage } from '#core/connector.js';
import type { PlannedRun, PlannedWindow } from '#db/repositories/ingestion-plan.repository.js';
import type { Parts } from '../parts.js';

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
      const planned = await this.planStage(run, stage);
      if (!(await plans.addStage(run, stage, planned, stage === STAGES.at(-1)))) return;
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

  private async planStage(run: PlannedRun, stage: Stage): Promise<PlannedWindow[]> {
    const { tenants, subscriptions, connectors, config, clock } = this.parts;
    const asked = [...connectors.values()].filter(
      (connector) =>
        connector.stage === stage &&
        connector.modes.includes(run.mode) &&
        (run.connectors?.includes(connector.id) ?? true) &&
        // Whoever names subscriptions knows them: discovering all others first would only cost time.
        (stage !== 'discovery' || run.subscriptionIds === null || run.connectors !== null),
    );
    const planned: PlannedWindow[] = [];
    if (asked.length === 0) return planned;
    for (const tenant of await tenants.targets(run.tenantId)) {
      const targets = (await subscriptions.targets(tenant.id)).filter(
        ({ subscriptionId }) => run.subscriptionIds?.includes(subscriptionId) ?? true,
      );
      for (const connector of asked) {
        const specs = connector.windows({
          mode: run.mode,
          now: clock.now(),
          range: run.from && run.to ? { from: run.from, to: run.to } : null,
          tenant,
          subscriptions: targets,
          backfillMonths: config.ingestion.backfillMonths,
        });
        planned.push(...specs.map((spec) => ({ ...spec, tenantId: tenant.id, connector: connector.id })));
      }
    }
    return planned;
  }
}
