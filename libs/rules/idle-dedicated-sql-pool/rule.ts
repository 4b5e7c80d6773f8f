import { percent } from '../peaks.js';
import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';

/** That nothing happened can be said of what was seen nearly throughout. */
const LEAST_COVERAGE = 0.9;

/** Dedicated SQL pools of Synapse that are on and not used. */
export const idleDedicatedSqlPool = defineRule({
  id: 'idle-dedicated-sql-pool',
  title: 'Pause the idle dedicated SQL pool',
  finds:
    'Dedicated SQL pools of Azure Synapse that were on line throughout two weeks and hardly used a data warehouse unit in any hour; compute is billed until the pool is paused.',
  leavesOut: ['pools that are paused, or are paused at times'],
  savings: 'A guess: 70 to 95 % of the pool’s own cost, because storage is billed under the same name and stays.',
  category: 'waste',
  action: 'stop',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.synapse/workspaces/sqlpools'],
  needs: ['metrics', 'costs'],
  thresholds: {
    usedBelow: {
      default: 3,
      minimum: 0.1,
      maximum: 20,
      unit: '%',
      meaning: 'Below which use of its units in the busiest hour a pool is idle',
    },
  },
  runbook: {
    check: [
      'See **Monitor**, **SQL requests** of the workspace for who last queried the pool, and its pipelines for loads that run monthly.',
    ],
    azureCli: ['az synapse sql pool pause --ids {id}'],
    portal: ['Open the Synapse workspace, **SQL pools**, choose `{name}`, **Pause**. Running queries are cancelled.'],
    terraform:
      'Pausing is no setting of `azurerm_synapse_sql_pool`; remove the resource if the pool is no longer needed.',
    verify: [
      '`az synapse sql pool show --ids {id} --query status` answers Paused; only storage is charged from then on.',
    ],
    undo: ['`az synapse sql pool resume --ids {id}`, which takes some minutes; the data is all there.'],
  },
  links: [
    {
      title: 'Pause and resume compute in a dedicated SQL pool',
      url: 'https://learn.microsoft.com/azure/synapse-analytics/sql-data-warehouse/pause-and-resume-compute-portal',
    },
  ],
  evaluate(pool, { estate, thresholds }) {
    const status = textAt(pool, 'properties.status');
    if (status === undefined) return undecided('no_status');
    if (!/^online$/i.test(status)) return fine('paused');
    const used = estate.metric(pool.resourceId, 'DWUUsedPercent');
    if (used?.maximum == null) return undecided('no_metrics');
    if (used.maximum >= thresholds.usedBelow) return fine('in_use');
    if (used.coverage < LEAST_COVERAGE) return fine('paused_at_times');
    return found({
      reason: `The pool is on line and used at most ${percent(used.maximum)} of its units in any hour of two weeks.`,
      evidence: {
        sku: textAt(pool, 'sku.name') ?? null,
        used_percent_maximum: used.maximum,
        from: used.from,
        to: used.to,
        coverage: used.coverage,
      },
      saving: guessed(estate.costOf(pool.resourceId), { low: 0.7, likely: 0.9, high: 0.95 }),
      certainty: 0.8,
    });
  },
});
