import { Injectable } from '@nestjs/common';
import { addMonths, dayOf, type Day } from '#core/day.js';
import { InvalidInputError, NotFoundError } from '#core/errors.js';
import { IngestionRunRepository, type RunRow } from '#db/repositories/ingestion-run.repository.js';
import { IngestionWindowRepository, type WindowRow } from '#db/repositories/ingestion-window.repository.js';
import { SubscriptionRepository } from '#db/repositories/subscription.repository.js';
import { TenantRepository } from '#db/repositories/tenant.repository.js';
import type { z } from 'zod';
import { actorOf, type Caller } from '../auth/caller.js';
import type { triggerRequest } from './ingestion.schema.js';

/** Decides whose estate a caller may have read, and tells what became of it. */
@Injectable()
export class IngestionService {
  constructor(
    private readonly runs: IngestionRunRepository,
    private readonly windows: IngestionWindowRepository,
    private readonly tenants: TenantRepository,
    private readonly subscriptions: SubscriptionRepository,
  ) {}

  async trigger(caller: Caller, body: z.infer<typeof triggerRequest>): Promise<{ run_id: string; status_url: string }> {
    refuseUnreadableDays(body, dayOf(new Date()));
    const tenantId = await this.tenantOf(caller, body.tenant_id);
    if (body.subscription_ids) await this.requireSubscriptions(caller, tenantId, body.subscription_ids);
    const requested = await this.runs.request(
      caller.scope,
      {
        mode: body.mode,
        tenantId,
        subscriptionIds: body.subscription_ids ?? null,
        connectors: body.connectors ?? null,
        from: body.from ?? null,
        to: body.to ?? null,
        source: 'api',
      },
      actorOf(caller),
    );
    const runId = requested!.runId;
    return { run_id: runId, status_url: `/api/v1/ingestion/status/${runId}` };
  }

  async status(caller: Caller, runId: string) {
    const [run, windows, totals] = await Promise.all([
      this.runs.get(caller.scope, runId),
      this.windows.list(caller.scope, runId),
      this.windows.totals(caller.scope, runId),
    ]);
    return {
      ...runView(run),
      error: run.error,
      subscriptions: countSubscriptions(windows),
      totals,
      refresh: run.refresh,
      windows: windows.map(windowView),
    };
  }

  /** The operator may leave the tenant out and mean all; anyone else means their own. */
  private async tenantOf(caller: Caller, asked: string | undefined): Promise<string | null> {
    if (asked) {
      return (await this.tenants.get(caller.scope, asked)).id;
    }
    if (caller.isHome) return null;
    const own = await this.tenants.list(caller.scope, {}, { pageSize: 1 });
    if (!own.items[0]) throw new NotFoundError('Your tenant is not registered here. Ask the operator to register it.');
    return own.items[0].id;
  }

  private async requireSubscriptions(caller: Caller, tenantId: string | null, ids: readonly string[]): Promise<void> {
    const unknown = await this.subscriptions.unregistered(caller.scope, tenantId, ids);
    if (unknown.length === 0) return;
    const shown = unknown.slice(0, SHOWN_IDS);
    throw new InvalidInputError(
      `${unknown.length} of the subscriptions are not registered. Register them, or leave them out.`,
      shown.map((id) => ({ field: 'subscription_ids', message: `${id} is not a subscription of this tenant` })),
    );
  }
}

const SHOWN_IDS = 50;
/** As long as Cost Management keeps costs. */
const READABLE_MONTHS = 84;

/** Throws `InvalidInputError` for days that no source can have costs for. */
function refuseUnreadableDays({ from, to }: { from?: Day; to?: Day }, today: Day): void {
  const oldest = addMonths(today, -READABLE_MONTHS);
  if (to && to > today) {
    throw new InvalidInputError('The future has no costs yet.', [{ field: 'to', message: 'must not be after today' }]);
  }
  if (from && from < oldest) {
    throw new InvalidInputError('Azure keeps costs for seven years.', [
      { field: 'from', message: `must not be before ${oldest}; import older files instead` },
    ]);
  }
}

/** A run as lists show it. */
export function runView(run: RunRow) {
  return {
    run_id: run.id,
    tenant_id: run.tenant_id,
    mode: run.mode,
    status: run.status,
    source: run.source,
    progress: { windows_done: run.windows_done, windows_total: run.windows_total, rows: run.rows },
    waiting: run.waiting,
    requested_by: run.requested_by,
    created_at: run.created_at,
    started_at: run.started_at,
    finished_at: run.finished_at,
  };
}

function windowView(window: WindowRow) {
  return {
    connector: window.connector,
    tenant_id: window.tenant_id,
    scope: window.scope,
    from: window.from_day,
    to: window.to_day,
    status: window.status,
    attempt: window.attempt,
    reason: window.reason,
    action: window.action,
    waiting_until: window.waiting_until,
    totals: window.totals,
    proof: window.proof && { ...window.proof, sha256: window.sha256 },
  };
}

/** Skipped: nothing of the subscription could be served, for a stated reason, or the run was cancelled before. */
function countSubscriptions(windows: readonly WindowRow[]) {
  const statuses = Map.groupBy(
    windows.filter((window) => window.subscription_id !== null),
    (window) => `${window.tenant_id} ${window.subscription_id}`,
  );
  const counts = { processed: 0, failed: 0, skipped: 0 };
  for (const group of statuses.values()) {
    if (group.some(({ status }) => status === 'failed')) counts.failed += 1;
    else if (group.every(({ status }) => status === 'unavailable' || status === 'cancelled')) counts.skipped += 1;
    else if (group.every(({ status }) => status !== 'pending' && status !== 'running')) counts.processed += 1;
  }
  return counts;
}
