import { arrayOfDays } from '../days-of-month.js';

/** The ledger's statements, in the order in which a publication runs them. $1 is always the tenant unless said otherwise. */
/** $1 days. Outside of the transaction: creating a partition locks the whole ledger for a moment. */
export const ensurePartitions = `
  SELECT ensure_cost_partition(month) FROM (SELECT DISTINCT date_trunc('month', day)::date AS month FROM unnest($1::date[]) AS d (day)) m`;

/** Nobody forgets old months meanwhile. */
const keepMonths = `pg_advisory_xact_lock_shared(hashtextextended('azcops.retention', 0))`;
export const lockLedger = `SELECT ${keepMonths}, pg_advisory_xact_lock(hashtextextended('azcops.ledger.' || $1, 0))`;
export const lockLedgerShared = `SELECT ${keepMonths}, pg_advisory_xact_lock_shared(hashtextextended('azcops.ledger.' || $1, 0))`;
/** $1: the owner's columns joined. Publications of one owner and month happen one after the other. */
export const lockOwner = `SELECT pg_advisory_xact_lock(hashtextextended('azcops.dataset.' || $1, 0))`;

/** The last day of its month that a dataset speaks for, of one or several datasets' days. */
const lastDay = (covered: string, month: string) =>
  `(upper(${covered} * datemultirange(daterange(${month}, (${month} + interval '1 month')::date))) - 1)::text AS last_day`;

/** Exports of one account write its number or its whole resource id, depending on their type. */
const accountNumber = (id: string) => `lower(regexp_replace(${id}, '^.*/', ''))`;

/**
 * $2 source, $3 kind, $4–$8 billing months, months of charges, providers, billing accounts and subscriptions of what is
 * staged, row by row. Kinds overlap when they write the same cost column. Months do when they are the
 * same billing month, or when both hold charges of one calendar month: a late charge is billed in the next month.
 */
export const selectOverlaps = `
  SELECT DISTINCT d.id AS dataset_id, d.source, d.kind, t.provider, t.subscription_id, d.month,
         CASE WHEN d.month <> s.billing_month THEN s.charge_month END AS late_month, ${lastDay('d.covered', 'd.month')}
  FROM unnest($4::date[], $5::date[], $6::text[], $7::text[], $8::text[])
    AS s (billing_month, charge_month, provider, billing_account_id, subscription_id)
  JOIN cost_datasets d
    ON d.tenant_id = $1 AND d.source <> $2 AND (d.kind = $3 OR d.kind = 'both' OR $3 = 'both')
  JOIN cost_daily_totals t
    ON t.tenant_id = $1 AND t.dataset_id = d.id AND t.provider = s.provider
   AND t.subscription_id IS NOT DISTINCT FROM s.subscription_id
   AND (s.subscription_id IS NOT NULL
        OR ${accountNumber('t.billing_account_id')} IS NOT DISTINCT FROM ${accountNumber('s.billing_account_id')})
   AND (d.month = s.billing_month OR (t.day >= s.charge_month AND t.day < s.charge_month + interval '1 month'))
  ORDER BY d.month, t.provider, t.subscription_id, late_month`;

/** $2 dataset ids, $3 providers, $4 subscriptions, row by row. */
const takenOver = `unnest($2::bigint[], $3::text[], $4::text[]) AS o (dataset_id, provider, subscription_id)`;

/** A day that changes owner was published before: what it was is remembered for its revision. */
export const rememberTakenOver = `
  INSERT INTO pg_temp.cost_taken_over
  SELECT t.*, s.month
  FROM ${takenOver}
  JOIN cost_datasets s ON s.tenant_id = $1 AND s.id = o.dataset_id
  JOIN cost_daily_totals t ON t.tenant_id = $1 AND t.dataset_id = o.dataset_id AND t.provider = o.provider
   AND t.subscription_id IS NOT DISTINCT FROM o.subscription_id`;

export const deleteTakenOverFacts = `
  DELETE FROM costs_monthly f USING ${takenOver}, cost_dimensions d
  WHERE f.tenant_id = $1 AND f.dataset_id = o.dataset_id AND d.tenant_id = $1 AND d.id = f.dimension_id
    AND d.provider = o.provider AND d.subscription_id IS NOT DISTINCT FROM o.subscription_id`;

export const deleteTakenOverTotals = `
  DELETE FROM cost_daily_totals t USING ${takenOver}
  WHERE t.tenant_id = $1 AND t.dataset_id = o.dataset_id AND t.provider = o.provider
    AND t.subscription_id IS NOT DISTINCT FROM o.subscription_id`;

export const deleteEmptyDatasets = `
  DELETE FROM cost_datasets d
  WHERE d.tenant_id = $1 AND d.id = ANY($2::bigint[])
    AND NOT EXISTS (SELECT FROM cost_daily_totals t WHERE t.tenant_id = $1 AND t.dataset_id = d.id)`;

/** Whose month is no longer all theirs: what they hold of it has to be published again to be whole. */
export const forgetExportRuns = `
  DELETE FROM cost_export_runs r USING cost_datasets d
  WHERE d.tenant_id = $1 AND d.id = ANY($2::bigint[])
    AND r.tenant_id = $1 AND r.source = d.source AND r.month = d.month AND r.kind = d.kind`;

/** $2 source, $3 billing account, $4 subscription, $5 month, $6 kind: the datasets whose column this kind replaces. */
export const selectSiblings = `
  SELECT coalesce(array_agg(id), '{}') AS ids, coalesce(range_agg(covered), '{}')::text AS covered,
         ${lastDay('range_agg(covered)', '$5::date')}
  FROM cost_datasets
  WHERE tenant_id = $1 AND source = $2 AND billing_account_id IS NOT DISTINCT FROM $3
    AND subscription_id IS NOT DISTINCT FROM $4 AND month = $5 AND (kind = $6 OR kind = 'both' OR $6 = 'both')`;

/** $1–$6 as in selectSiblings: the same subscription's datasets of other tenants. */
export const selectSiblingsElsewhere = `
  SELECT tenant_id, array_agg(id) AS ids
  FROM cost_datasets
  WHERE tenant_id <> $1 AND source = $2 AND billing_account_id IS NOT DISTINCT FROM $3
    AND subscription_id = $4 AND month = $5 AND (kind = $6 OR kind = 'both' OR $6 = 'both')
  GROUP BY tenant_id`;

const daysOfDatasets = `tenant_id = $1 AND dataset_id = ANY($2::bigint[]) AND day BETWEEN $3::date AND $4::date`;

/** $2 dataset ids, $3 and $4 first and last day (may be infinite). */
export const rememberTotals = `INSERT INTO pg_temp.cost_before SELECT * FROM cost_daily_totals WHERE ${daysOfDatasets}`;
/** $1 month, $2 and $3 providers and subscriptions of the dataset: what it took over counts as its own past, once. */
export const rememberTakenOverTotals = `
  WITH taken AS (
    DELETE FROM pg_temp.cost_taken_over t
    USING (SELECT DISTINCT * FROM unnest($2::text[], $3::text[]) AS s (provider, subscription_id)) s
    WHERE t.month = $1 AND t.provider = s.provider AND t.subscription_id IS NOT DISTINCT FROM s.subscription_id
    RETURNING t.*
  )
  INSERT INTO pg_temp.cost_before
  SELECT tenant_id, id, dataset_id, day, provider, billing_account_id, subscription_id, service_name, currency,
         cost, amortized_cost, rows, created_at, updated_at FROM taken`;
/** Months that reach beyond those days wait in `cost_rest` until what they hold of others is put back. */
export const removeDays = `
  WITH removed AS (
    DELETE FROM costs_monthly WHERE tenant_id = $1 AND dataset_id = ANY($2::bigint[])
      AND month BETWEEN date_trunc('month', $3::date::timestamp)::date AND $4::date
    RETURNING *
  )
  INSERT INTO pg_temp.cost_rest
  SELECT * FROM removed WHERE month < $3::date OR (month + interval '1 month')::date > $4::date + 1`;
const FACT_COLUMNS = 'tenant_id, dataset_id, month, dimension_id, currency, costs, amortized_costs';
const ANYTHING_LEFT = 'costs IS NOT NULL OR amortized_costs IS NOT NULL';
/** $1 tenant, $2 first and $3 last day that were removed. */
export const putBackRest = `
  INSERT INTO costs_monthly (${FACT_COLUMNS})
  SELECT * FROM (
    SELECT tenant_id, dataset_id, month, dimension_id, currency, replace_days(costs, NULL, month, $2, $3) AS costs,
           replace_days(amortized_costs, NULL, month, $2, $3) AS amortized_costs
    FROM pg_temp.cost_rest WHERE tenant_id = $1
  ) r WHERE ${ANYTHING_LEFT}`;
export const deleteTotals = `DELETE FROM cost_daily_totals WHERE ${daysOfDatasets}`;

/** $1–$4 as in daysOfDatasets, $5 run. */
export const insertWithdrawals = `
  INSERT INTO cost_day_revisions (tenant_id, day, source, provider, billing_account_id, subscription_id, currency,
    old_cost, old_amortized_cost, old_rows, new_rows, run_id)
  SELECT t.tenant_id, t.day, d.source, t.provider, max(t.billing_account_id), t.subscription_id, t.currency,
         sum(t.cost), sum(t.amortized_cost), sum(t.rows), 0, $5
  FROM cost_daily_totals t
  JOIN cost_datasets d ON d.tenant_id = t.tenant_id AND d.id = t.dataset_id AND d.covered @> t.day
  WHERE t.tenant_id = $1 AND t.dataset_id = ANY($2::bigint[]) AND t.day BETWEEN $3::date AND $4::date
  GROUP BY t.tenant_id, t.day, d.source, t.provider, t.subscription_id, t.currency`;
/** $2 datasets, $3 and $4 days that they no longer speak for. */
export const uncover = `
  UPDATE cost_datasets SET covered = covered - datemultirange(daterange($3::date, $4::date, '[]'))
  WHERE tenant_id = $1 AND id = ANY($2::bigint[])`;
/** $5 the kind that stays: a dataset of another kind no longer speaks for these days. */
export const uncoverSiblings = `${uncover} AND kind <> $5`;
/** A day that was not over when it was published is covered by no one, so what has rows stays. */
export const deleteUncovered = `
  DELETE FROM cost_datasets d
  WHERE d.tenant_id = $1 AND d.id = ANY($2::bigint[]) AND isempty(d.covered)
    AND NOT EXISTS (SELECT FROM cost_daily_totals t WHERE t.tenant_id = $1 AND t.dataset_id = d.id)`;

/** $2–$5 as in selectSiblings, $6 kind, $7 days as a multirange, $8 whether they replace the days covered so far. */
export const upsertDataset = `
  INSERT INTO cost_datasets AS d
    (tenant_id, source, billing_account_id, subscription_id, month, kind, covered, grain, run_id, published_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7::datemultirange, $9, $10, $11)
  ON CONFLICT (tenant_id, source, billing_account_id, subscription_id, kind, month) DO UPDATE
    SET covered = CASE WHEN $8::boolean THEN excluded.covered ELSE d.covered + excluded.covered END,
        grain = excluded.grain, run_id = excluded.run_id, published_at = excluded.published_at
  RETURNING id`;

/** Amounts of a month, with a zero where only the other column has one. */
const orZero = (amounts: string, others: string) => `
  CASE WHEN $3::boolean AND array_positions(${amounts}, NULL) IS DISTINCT FROM array_positions(${others}, NULL) THEN (
    SELECT array_agg(coalesce(d.amount, CASE WHEN d.other IS NOT NULL THEN 0 END) ORDER BY d.place)
    FROM unnest(${amounts}, ${others}) WITH ORDINALITY AS d (amount, other, place)
  ) ELSE ${amounts} END`;

const withRest = (amounts: string) => `
  CASE WHEN r.dataset_id IS NULL THEN f.${amounts} ELSE replace_days(r.${amounts}, f.${amounts}, month, $9, $10) END AS ${amounts}`;

/**
 * Facts and their rollup from the staged slices of one dataset, in one pass; months that only lost some days get the others
 * back. $2 dataset, $3 whether it carries both columns (then a key that only one of them has is a zero in the other, not an
 * unknown), $4–$8 slices with what the rollup tells apart, each of them once, $9 and $10 the days that are replaced. Answers
 * the exact totals per currency of what was written.
 */
export const insertFacts = `
  WITH slices AS (
    SELECT * FROM unnest($4::integer[], $5::text[], $6::text[], $7::text[], $8::text[])
      AS l (slice, provider, billing_account_id, subscription_id, service_name)
  ), staged AS (
    SELECT slice, month, dimension_id, currency, sum_by_day(costs) AS costs, sum_by_day(amortized_costs) AS amortized_costs
    FROM pg_temp.cost_stage WHERE slice = ANY($4::integer[])
    GROUP BY slice, month, dimension_id, currency
  ), facts AS MATERIALIZED (
    SELECT slice, month, dimension_id, currency, ${orZero('costs', 'amortized_costs')} AS costs,
           ${orZero('amortized_costs', 'costs')} AS amortized_costs
    FROM staged
  ), months AS (
    SELECT $2::bigint AS dataset_id, month, dimension_id, currency, ${withRest('costs')}, ${withRest('amortized_costs')}
    FROM facts f
    FULL JOIN (SELECT * FROM pg_temp.cost_rest WHERE dataset_id = $2) r USING (month, dimension_id, currency)
    UNION ALL
    SELECT dataset_id, month, dimension_id, currency, replace_days(costs, NULL, month, $9, $10),
           replace_days(amortized_costs, NULL, month, $9, $10)
    FROM pg_temp.cost_rest WHERE dataset_id <> $2
  ), written AS (
    INSERT INTO costs_monthly (${FACT_COLUMNS})
    SELECT $1, * FROM months WHERE ${ANYTHING_LEFT}
  ), totals AS (
    INSERT INTO cost_daily_totals
      (tenant_id, dataset_id, day, provider, billing_account_id, subscription_id, service_name, currency, cost, amortized_cost, rows)
    SELECT $1, $2, m.month + d.place::integer - 1, l.provider, l.billing_account_id, l.subscription_id, l.service_name,
           m.currency, d.cost, d.amortized_cost, d.rows
    FROM (
      SELECT slice, month, currency, ${arrayOfDays((day) => `sum(costs[${day}])`)} AS costs,
             ${arrayOfDays((day) => `sum(amortized_costs[${day}])`)} AS amortized_costs,
             ${arrayOfDays((day) => `count(coalesce(costs[${day}], amortized_costs[${day}]))`)} AS counts
      FROM facts GROUP BY slice, month, currency
    ) m
    JOIN slices l ON l.slice = m.slice
    CROSS JOIN unnest(m.costs, m.amortized_costs, m.counts) WITH ORDINALITY AS d (cost, amortized_cost, rows, place)
    WHERE d.rows > 0
    RETURNING currency, cost, amortized_cost, rows
  )
  SELECT currency, sum(cost) AS cost, sum(amortized_cost) AS amortized_cost, sum(rows) AS rows FROM totals GROUP BY currency`;

const dayTotals = (from: string, ...more: string[]) => `
  SELECT ${['day', 'provider', 'subscription_id', 'currency', 'max(billing_account_id) AS billing_account_id', 'sum(cost) AS cost', 'sum(amortized_cost) AS amortized_cost', 'sum(rows) AS rows', ...more].join(', ')}
  FROM ${from} GROUP BY day, provider, subscription_id, currency`;

/**
 * $2 dataset, $3 and $4 days, $5 the days published after they were over, $6 source, $7 run, $8 datasets of the same
 * owner, $9 their month. Only such a day can be revised: before, its growth is news, not a correction. What was taken over
 * from another owner was published, too, and so were late charges of earlier days.
 */
export const insertRevisions = `
  INSERT INTO cost_day_revisions (tenant_id, day, source, provider, billing_account_id, subscription_id, currency,
    old_cost, old_amortized_cost, old_rows, new_cost, new_amortized_cost, new_rows, run_id)
  SELECT $1, coalesce(o.day, n.day), $6, coalesce(o.provider, n.provider), coalesce(n.billing_account_id, o.billing_account_id),
         coalesce(o.subscription_id, n.subscription_id), coalesce(o.currency, n.currency),
         o.cost, o.amortized_cost, coalesce(o.rows, 0), n.cost, n.amortized_cost, coalesce(n.rows, 0), $7
  FROM (${dayTotals('pg_temp.cost_before', 'bool_or(dataset_id <> ALL($8::bigint[])) AS taken_over')}) o
  FULL JOIN (${dayTotals(`(SELECT * FROM cost_daily_totals
                           WHERE tenant_id = $1 AND dataset_id = $2 AND day BETWEEN $3::date AND $4::date) t`)}) n
    ON o.day = n.day AND o.provider = n.provider AND o.currency = n.currency
   AND coalesce(o.subscription_id, '') = coalesce(n.subscription_id, '')
  WHERE (o.taken_over OR $5::datemultirange @> coalesce(o.day, n.day)
         OR (cardinality($8::bigint[]) > 0 AND coalesce(o.day, n.day) < $9::date))
    AND (o.cost IS DISTINCT FROM n.cost OR o.amortized_cost IS DISTINCT FROM n.amortized_cost)`;

/** $1 currencies, $2 costs, $3 amortized costs, row by row. */
export const sumByCurrency = `
  SELECT currency, trim_scale(sum(cost))::text AS cost, trim_scale(sum(amortized_cost))::text AS amortized_cost
  FROM unnest($1::text[], $2::numeric[], $3::numeric[]) AS t (currency, cost, amortized_cost)
  GROUP BY currency ORDER BY currency`;

/** Makes one summand of those that stand side by side; what another worker is folding is left to it. */
export const foldTenantTotals = `
  WITH several AS (
    SELECT tenant_id, day, provider, service_name, currency FROM cost_tenant_totals
    GROUP BY tenant_id, day, provider, service_name, currency HAVING count(*) > 1
  ), picked AS (
    SELECT t.tenant_id, t.id FROM cost_tenant_totals t
    JOIN several s ON s.tenant_id = t.tenant_id AND s.day = t.day AND s.provider = t.provider AND s.currency = t.currency
     AND coalesce(s.service_name, '') = coalesce(t.service_name, '')
    FOR UPDATE OF t SKIP LOCKED
  ), folded AS (
    DELETE FROM cost_tenant_totals t USING picked p WHERE t.tenant_id = p.tenant_id AND t.id = p.id RETURNING t.*
  )
  INSERT INTO cost_tenant_totals
    (tenant_id, day, provider, service_name, currency, cost, amortized_cost, costs, amortized_costs, totals)
  SELECT tenant_id, day, provider, service_name, currency, sum(cost), sum(amortized_cost), sum(costs), sum(amortized_costs),
         sum(totals)
  FROM folded GROUP BY tenant_id, day, provider, service_name, currency
  HAVING (sum(cost), sum(amortized_cost), sum(costs), sum(amortized_costs), sum(totals)) <> (0, 0, 0, 0, 0)`;
