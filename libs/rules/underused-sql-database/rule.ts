import { peakCertaintyOf, peaksOf, percent } from '../peaks.js';
import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { costsNoLess, guessed, repriced } from '../savings.js';
import { databaseSizes, holds, otherThanProvisioned } from '../sql-database.js';

const VCORE_METRICS = ['cpu_percent', 'physical_data_read_percent', 'log_write_percent'] as const;

/** SQL databases that the next lower objective would do for. */
export const underusedSqlDatabase = defineRule({
  id: 'underused-sql-database',
  title: 'Scale the SQL database down',
  finds:
    'Provisioned SQL databases whose DTUs, or CPU, data and log IO, would still suffice 95 % of the time at the next lower service objective of the same tier.',
  leavesOut: [
    'serverless and hyperscale databases, which scale in other ways',
    'databases in an elastic pool, whose size is the pool’s',
    'replicas and databases in a failover group: both sides must have one size',
    'system databases, data warehouses and databases that are not on line',
    'databases whose maximum size the lower objective does not allow',
    'databases that nobody uses at all',
  ],
  savings:
    'The own cost in the proportion of the list prices of both objectives; where these are unknown in the proportion of their DTUs or vCores, by which each tier is priced.',
  category: 'rightsizing',
  action: 'resize',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.sql/servers/databases'],
  needs: ['metrics', 'costs', 'prices'],
  thresholds: {
    useAfter: {
      default: 70,
      minimum: 20,
      maximum: 90,
      unit: '%',
      meaning: 'How high the 95th percentile of what is used most may stand after the change',
    },
  },
  runbook: {
    check: [
      'Look at **DTU percentage**, or CPU and IO, of `{name}` over the last months: month ends do not show in two weeks.',
      'Below S3 a database cannot have columnstore indexes; with fewer vCores it has less memory and fewer workers.',
    ],
    azureCli: ['az sql db update --ids {id} --service-objective {evidence.target_objective}'],
    portal: [
      'Open **SQL databases**, choose `{name}`, **Compute + storage**, choose `{evidence.target_objective}`, **Apply**.',
    ],
    terraform: 'Set `sku_name = "{evidence.target_objective}"` on the `azurerm_mssql_database`.',
    verify: [
      '`az sql db show --ids {id} --query currentServiceObjectiveName` shows the target; connections drop once, for seconds.',
    ],
    undo: ['`az sql db update --ids {id} --service-objective {evidence.objective}`'],
  },
  links: [
    {
      title: 'Scale single database resources',
      url: 'https://learn.microsoft.com/azure/azure-sql/database/single-database-scale',
    },
  ],
  evaluate(database, { estate, thresholds }) {
    const other = otherThanProvisioned(database);
    if (other !== undefined) return fine(other);
    const objective = textAt(database, 'properties.currentServiceObjectiveName');
    if (objective === undefined) return undecided('no_objective');
    const sizes = databaseSizes(objective);
    if (sizes === null) return undecided('unknown_objective');
    const { current, lower } = sizes;
    if (!lower) return fine('smallest_size');
    const bytes = numberAt(database, 'properties.maxSizeBytes');
    if (bytes === undefined) return undecided('no_maximum_size');
    if (!holds(lower, bytes)) return fine('data_would_not_fit');
    if (estate.metric(database.resourceId, 'sessions_percent')?.maximum === 0) return fine('unused');
    const isVcore = /_Gen5_/i.test(objective);
    const peaks = peaksOf(estate, database.resourceId, isVcore ? VCORE_METRICS : ['dtu_consumption_percent']);
    if (typeof peaks === 'string') return undecided(peaks);
    const used = Math.max(...Object.values(peaks.p95));
    const share = lower.capacity / current.capacity;
    if (used / share > thresholds.useAfter) return fine('in_use');
    const cost = estate.costOf(database.resourceId);
    const priceOf = (name: string) =>
      (database.location && estate.reference.prices?.sqlDatabaseMonthly(database.location, name)) || null;
    const [price, targetPrice] = [priceOf(objective), priceOf(lower.objective)];
    if (costsNoLess(price, targetPrice)) return fine('costs_no_less');
    const saved = 1 - share;
    return found({
      reason: `At most ${percent(used)} is used 95 % of the time; ${lower.objective} would do instead of ${objective}.`,
      evidence: {
        objective,
        target_objective: lower.objective,
        used_p95: used,
        ...peaks.p95,
        max_size_bytes: bytes,
        coverage: peaks.coverage,
      },
      saving:
        repriced(cost, price, targetPrice) ??
        // Storage is billed besides, and does not become cheaper.
        guessed(cost, { low: 0.6 * saved, likely: 0.9 * saved, high: saved }),
      certainty: peakCertaintyOf(peaks.coverage),
    });
  },
});
