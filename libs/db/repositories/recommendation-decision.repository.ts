import { ConflictError, InvariantError, NotFoundError, type RequestError } from '#core/errors.js';
import { ALL_TENANTS, type TenantScope } from '#core/scope.js';
import { MOVE_TARGET, movesFrom, type RecommendationMove, type RecommendationStatus } from '#core/workflow.js';
import type { Database, Transaction } from '../database.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

/** A person's decision about a recommendation. */
export interface Decision {
  move: RecommendationMove;
  reason: string | null;
  /** The status that the person saw; null where they do not say. */
  expectedStatus: RecommendationStatus | null;
  /** When a dismissal ends by itself; null for never. */
  until: Date | null;
  /** When somebody acted, where that was before now. */
  executedAt: Date | null;
}

/** How one of several decisions ended. */
export interface DecisionOutcome {
  id: string;
  status: RecommendationStatus | null;
  /** Null where the move was made. */
  problem: RequestError | null;
}

/** What people decide about recommendations: one move at a time, with its history and audit in the same transaction. */
export class RecommendationDecisionRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  /**
   * Makes one move. Throws `NotFoundError` outside the scope and `ConflictError`, naming the moves that are allowed, where
   * the workflow does not lead there or somebody else has decided in the meantime.
   */
  async decide(scope: TenantScope, id: string, decision: Decision, actor: Actor): Promise<void> {
    await this.database.transaction(scope, (tx) => this.move(tx, id, decision, actor));
  }

  /** Makes the same move for each; one that cannot be made does not stop the others. */
  async decideAll(
    scope: TenantScope,
    ids: readonly string[],
    decision: Decision,
    actor: Actor,
  ): Promise<DecisionOutcome[]> {
    const outcomes: DecisionOutcome[] = [];
    for (const id of ids) {
      try {
        await this.decide(scope, id, decision, actor);
        outcomes.push({ id, status: MOVE_TARGET[decision.move], problem: null });
      } catch (error) {
        if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error;
        outcomes.push({ id, status: null, problem: error });
      }
    }
    return outcomes;
  }

  private async move(tx: Transaction, id: string, decision: Decision, actor: Actor): Promise<void> {
    const [seen] = await tx.query<{ tenant_id: string; status: RecommendationStatus }>(
      'SELECT tenant_id, status FROM recommendations WHERE id = $1',
      [id],
    );
    if (!seen) throw new NotFoundError(`There is no recommendation ${id}.`);
    const { move, reason, until, executedAt } = decision;
    const from = decision.expectedStatus ?? seen.status;
    if (from !== seen.status) throw meanwhile(id, seen.status);
    if (!movesFrom(from).includes(move)) throw notAllowed(id, move, from);
    const to = MOVE_TARGET[move];
    // Of two who decide at once the second waits here, finds another status than the one seen, and changes nothing.
    const moved = await tx.query(
      `UPDATE recommendations
       SET status = $3, dismissed_until = $4,
           executed_at = CASE WHEN $3 = 'executed' THEN coalesce($5, now()) ELSE executed_at END,
           verification = CASE WHEN $3 = 'executed' THEN NULL ELSE verification END,
           verified_monthly_savings = CASE WHEN $3 = 'executed' THEN NULL ELSE verified_monthly_savings END
       WHERE id = $1 AND status = $2 RETURNING id`,
      [id, from, to, until, executedAt],
    );
    if (moved.length === 0) {
      const [now] = await tx.query<{ status: RecommendationStatus }>(
        'SELECT status FROM recommendations WHERE id = $1',
        [id],
      );
      if (!now) throw new InvariantError(`recommendation ${id} went away`);
      throw meanwhile(id, now.status);
    }
    const details = { ...(until && { until }), ...(executedAt && { executed_at: executedAt }) };
    await tx.query(
      `INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, from_status, to_status, reason, details,
         actor_id, actor_name, correlation_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        seen.tenant_id,
        id,
        move === 'reopen' ? 'reopened' : to,
        from,
        to,
        reason,
        details,
        actor.id,
        actor.name,
        actor.correlationId,
      ],
    );
    await this.auditLogs.append(tx, actor, {
      tenantId: seen.tenant_id,
      action: `recommendation.${move}`,
      objectType: 'recommendation',
      objectId: id,
      changes: { from, to, reason, ...details },
    });
  }

  /** Opens again what was dismissed until now, and ends exemptions whose time is over; answers how many of both. */
  async endExpired(now: Date): Promise<number> {
    return this.database.transaction(ALL_TENANTS, async (tx) => {
      const rows = await tx.query<{ tenant_id: string }>(
        `WITH reopened AS (
           UPDATE recommendations SET status = 'open', dismissed_until = NULL
           WHERE dismissed_until <= $1 AND status = 'dismissed' RETURNING tenant_id, id
         ), told AS (
           INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, from_status, to_status, reason)
           SELECT tenant_id, id, 'reopened', 'dismissed', 'open', 'The time of the dismissal is over.' FROM reopened
         ), ended AS (
           UPDATE recommendation_exemptions SET ended_at = expires_at
           WHERE expires_at <= $1 AND ended_at IS NULL RETURNING tenant_id
         )
         SELECT tenant_id FROM reopened UNION ALL SELECT tenant_id FROM ended`,
        [now],
      );
      const tenants = [...new Set(rows.map(({ tenant_id }) => tenant_id))].sort();
      if (tenants.length > 0) {
        await tx.query('SELECT count_data_version(tenant) FROM unnest($1::uuid[]) AS t (tenant)', [tenants]);
      }
      return rows.length;
    });
  }
}

function notAllowed(id: string, move: RecommendationMove, from: RecommendationStatus): ConflictError {
  return new ConflictError(`Recommendation ${id} is ${from}, so it cannot be ${MOVED[move]}. ${allowed(from)}`);
}

function meanwhile(id: string, status: RecommendationStatus): ConflictError {
  return new ConflictError(`Recommendation ${id} was decided in the meantime: it is ${status}. ${allowed(status)}`);
}

const MOVED = {
  approve: 'approved',
  reject: 'rejected',
  execute: 'executed',
  dismiss: 'dismissed',
  reopen: 'reopened',
};

function allowed(status: RecommendationStatus): string {
  const moves = movesFrom(status);
  return moves.length > 0 ? `From there it can go: ${moves.join(', ')}.` : 'Nothing follows from there.';
}
