import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { POSSIBLE, standing } from '../recommendations/standing.js';
import { SIDE_DAYS } from '../recommendations/verification.js';

/** What recommendations of one standing would save or have saved, in one currency and by one way of knowing. */
export interface SavingsRow {
  currency: string;
  savings_method: string;
  recommendations: number;
  estimated_monthly_savings: string;
}

export interface VerifiedRow {
  currency: string;
  recommendations: number;
  verified_monthly_savings: string;
  /** What the same recommendations were estimated to save. */
  estimated_monthly_savings: string;
}

export interface SavingsSummary {
  potential: SavingsRow[];
  approved: SavingsRow[];
  executed: SavingsRow[];
  verified: VerifiedRow[];
}

/** SQL: the ledger has confirmed what recommendation `r` saves. */
const VERIFIED = `r.status = 'executed' AND r.verified_monthly_savings IS NOT NULL`;

/** What recommendations add up to. */
export class SavingsSummaryRepository {
  constructor(private readonly database: Database) {}

  /**
   * What could be saved (open and approved), what is approved, what was carried out as estimated, and what the ledger has
   * confirmed; per currency and method: a guess never stands in a sum of known amounts, and nothing is counted twice. Of
   * acts on one resource that the ledger cannot tell apart it confirms the same savings, which count once.
   */
  async summary(scope: TenantScope, filter: { tenant_id?: string; subscription_id?: string }): Promise<SavingsSummary> {
    const values = [filter.tenant_id ?? null, filter.subscription_id?.toLowerCase() ?? null];
    const asked = `($1::uuid IS NULL OR r.tenant_id = $1) AND ($2::text IS NULL OR r.subscription_id = $2)`;
    const savings = (conditions: string) => ({
      sql: `SELECT currency, savings_method, count(*)::float8 AS recommendations,
                   trim_scale(sum(counted))::text AS estimated_monthly_savings
            FROM (${standing(`${conditions} AND ${asked}`)}) s WHERE counted <> 0 OR position = 1
            GROUP BY currency, savings_method ORDER BY currency, savings_method`,
      values,
    });
    const [potential, approved, executed, verified] = await this.database.queries<
      [SavingsRow, SavingsRow, SavingsRow, VerifiedRow]
    >(scope, [
      savings(`r.status IN ('open', 'approved') AND ${POSSIBLE}`),
      savings(`r.status = 'approved' AND ${POSSIBLE}`),
      savings(`r.status = 'executed'`),
      {
        sql: `WITH verified AS (
                SELECT r.tenant_id, r.id, r.resource_id, r.currency, r.executed_at, r.verified_monthly_savings AS saved,
                       coalesce(r.executed_at - lag(r.executed_at) OVER acts > interval '${SIDE_DAYS} days', true) AS apart
                FROM recommendations r WHERE ${VERIFIED} AND ${asked}
                WINDOW acts AS (PARTITION BY r.tenant_id, r.resource_id, r.currency ORDER BY r.executed_at, r.id)
              ), acts AS (
                SELECT *, count(*) FILTER (WHERE apart) OVER (PARTITION BY tenant_id, resource_id, currency
                                                              ORDER BY executed_at, id) AS act FROM verified
              ), saved AS (
                SELECT currency, count(*) AS recommendations, max(saved) AS saved
                FROM acts GROUP BY tenant_id, resource_id, currency, act
              ), estimated AS (
                SELECT currency, sum(counted) AS estimated FROM (${standing(`${VERIFIED} AND ${asked}`)}) s GROUP BY currency
              )
              SELECT currency, sum(recommendations)::float8 AS recommendations,
                     trim_scale(sum(saved))::text AS verified_monthly_savings,
                     trim_scale(coalesce(max(estimated), 0))::text AS estimated_monthly_savings
              FROM saved LEFT JOIN estimated USING (currency) GROUP BY currency ORDER BY currency`,
        values,
      },
    ]);
    return { potential, approved, executed, verified };
  }
}
