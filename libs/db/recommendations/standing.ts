import { RECOMMENDED_ACTIONS } from '#core/records.js';
import { READ_HERE } from '../repositories/subscription-target.repository.js';

/** SQL: the subscription of row `r` is read under the row's tenant. */
export const OF_A_READ_SUBSCRIPTION = `(r.subscription_id IS NULL OR EXISTS (
  SELECT FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id AND t.removed_at IS NULL
  WHERE s.tenant_id = r.tenant_id AND s.subscription_id = r.subscription_id AND ${READ_HERE}))`;

/**
 * SQL: an exemption that is in force covers recommendation `r`. One whose time is over is ended by the worker, which makes
 * a new version of the data: were it to end by the clock, readers would be told that nothing has changed.
 */
export const EXEMPTION_OF = `FROM recommendation_exemptions e
  WHERE e.tenant_id = r.tenant_id AND e.ended_at IS NULL
    AND (e.rule IS NULL OR e.rule = r.rule)
    AND (e.subscription_id IS NULL OR e.subscription_id = r.subscription_id)
    AND (e.resource_group IS NULL OR e.resource_group = r.resource_group)
    AND (e.resource_id IS NULL OR e.resource_id = r.resource_id)`;

/** SQL: recommendation `r` is silenced, at its source or by an exemption. */
export const SILENCED = `(r.suppressed OR EXISTS (SELECT ${EXEMPTION_OF}))`;

/** SQL: what may be added up of the recommendations that can still be carried out. */
export const POSSIBLE = `r.observed = 'present' AND NOT ${SILENCED} AND ${OF_A_READ_SUBSCRIPTION}`;

const ORDER_OF_ACTIONS = `array_position(ARRAY['${RECOMMENDED_ACTIONS.join("', '")}'], action)`;
/** From proof to guess: of two answers to one question the better known one counts. */
const ORDER_OF_METHODS = `array_position(ARRAY['measured', 'priced', 'stated', 'guessed'], savings_method)`;

/**
 * SQL of what each of the recommendations `r` under the conditions adds to a total: rows `id, tenant_id, currency,
 * savings_method, position, counted`. Nothing is counted twice:
 * - Nothing counts for more than what its subject costs, and what would cost more saves nothing.
 * - Of alternatives one counts, and of one action on one resource the best known statement.
 * - One resource has one chain of actions in the order remove, stop, resize, retier, relicense, commit, upgrade: the
 *   first counts whole, each later one on what those before leave of the cost. Where that is unknown it counts nothing.
 * - A commitment that is still to be bought pays for usage: what its subscription's machines would save is taken off it.
 * Windows only, no joins: PostgreSQL cannot tell how many rows a step leaves, and would join 100,000 of them row by row.
 */
export function standing(conditions: string): string {
  return `WITH candidate AS (
    SELECT r.tenant_id, r.id, r.subscription_id, r.resource_id, r.currency, r.savings_method, r.alternative_of, r.action,
           CASE WHEN r.monthly_cost > 0 THEN least(r.estimated_monthly_savings, r.monthly_cost)
                ELSE r.estimated_monthly_savings END AS savings, r.monthly_cost
    FROM recommendations r
    WHERE r.estimated_monthly_savings >= 0 AND r.currency IS NOT NULL AND r.savings_method IS NOT NULL
      AND ${conditions}
  ), best AS (
    SELECT DISTINCT ON (tenant_id, coalesce(alternative_of, resource_id || coalesce(action, id::text), id::text)) *,
           CASE WHEN alternative_of LIKE 'commitment/%' THEN split_part(alternative_of, '/', 2) END AS kind,
           CASE WHEN alternative_of LIKE 'commitment/%' THEN split_part(alternative_of, '/', 3) ELSE id::text END AS rival
    FROM candidate
    ORDER BY tenant_id, coalesce(alternative_of, resource_id || coalesce(action, id::text), id::text),
             ${ORDER_OF_METHODS}, savings DESC, id
  ), summed AS (
    SELECT *, sum(savings) OVER (PARTITION BY tenant_id, currency, rival, kind) AS of_kind FROM best
  ), ranked AS (
    SELECT *, first_value(kind) OVER (PARTITION BY tenant_id, currency, rival ORDER BY of_kind DESC, kind) AS best_kind
    FROM summed
  ), chosen AS (
    SELECT * FROM ranked WHERE kind IS NOT DISTINCT FROM best_kind
  ), chained AS (
    SELECT *, row_number() OVER chain AS position,
           coalesce(product(CASE WHEN action = 'remove' OR monthly_cost IS NULL OR monthly_cost <= 0 THEN 0
                                 ELSE greatest(0, 1 - savings / monthly_cost) END)
                      OVER (chain ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1) AS left_of_cost
    FROM chosen
    WINDOW chain AS (PARTITION BY tenant_id, coalesce(resource_id, id::text)
                     ORDER BY ${ORDER_OF_ACTIONS} NULLS LAST, ${ORDER_OF_METHODS}, savings DESC, id)
  ), counted AS (
    SELECT *, CASE WHEN position = 1 THEN savings ELSE round(savings * left_of_cost, 4) END AS own FROM chained
  ), beside AS (
    SELECT *, alternative_of LIKE 'commitment/%' AS is_commitment,
           sum(own) FILTER (WHERE action IN ('remove', 'stop', 'resize')
             AND resource_id LIKE '%/providers/microsoft.compute/virtualmachine%') OVER peers AS of_machines,
           sum(own) FILTER (WHERE alternative_of LIKE 'commitment/%') OVER peers AS of_commitments
    FROM counted WINDOW peers AS (PARTITION BY tenant_id, subscription_id, currency)
  )
  SELECT id, tenant_id, currency, savings_method, position,
         CASE WHEN is_commitment AND of_machines > 0 AND of_commitments > 0
              THEN round(own * greatest(0, 1 - of_machines / of_commitments), 4) ELSE own END AS counted
  FROM beside`;
}
