import { percent } from '../peaks.js';
import { daysBetween, instantAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { otherThanProvisioned } from '../sql-database.js';

/** That nothing happened can be said of what was seen nearly throughout. */
const LEAST_COVERAGE = 0.9;
/** A session that lasts less than an hour may round to none; its work does not. */
const IDLE_PERCENT = 2;

/** SQL databases that nobody has connected to. */
export const unusedSqlDatabase = defineRule({
  id: 'unused-sql-database',
  title: 'Delete the unused SQL database',
  finds: 'Provisioned SQL databases that had no session in any hour of the last two weeks and did no work.',
  leavesOut: [
    'replicas and databases in a failover group, which wait for their day',
    'serverless databases, which pause by themselves, and paused ones',
    'databases in an elastic pool, which cost nothing of their own',
    'system databases, data warehouses and hyperscale databases',
    'databases made only lately',
  ],
  savings: 'What the database itself cost in the last 30 days. Long-term backups are kept, and billed, without it.',
  category: 'waste',
  action: 'remove',
  impact: 'High',
  risk: 'high',
  effort: 'medium',
  resourceTypes: ['microsoft.sql/servers/databases'],
  needs: ['metrics', 'costs'],
  thresholds: {
    ageDays: {
      default: 30,
      minimum: 14,
      maximum: 365,
      unit: 'days',
      meaning: 'How old an unused database must be',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}`: two weeks do not show what is used at the end of a month, a quarter or a year.',
      'Search configuration and secrets for the server’s name and `{name}`.',
    ],
    azureCli: [
      'read -r -s -p "Password of the server administrator: " PASSWORD',
      'az sql db export --ids {id} --admin-user ADMIN --admin-password "$PASSWORD" --storage-uri https://ACCOUNT.blob.core.windows.net/backups/{evidence.database}.bacpac --storage-key-type StorageAccessKey --storage-key KEY',
      'az sql db delete --ids {id} --yes',
    ],
    portal: [
      'Open **SQL databases**, choose `{name}`, **Export** it to a storage account, wait for the file, then **Delete**.',
    ],
    terraform: 'Remove the `azurerm_mssql_database` for `{name}`; the provider deletes it with its data.',
    verify: ['`az sql db show --ids {id}` answers ResourceNotFound; its cost ends with the hour.'],
    undo: [
      'Within the backup retention (7 days unless changed) restore it: find it with `az sql db list-deleted --resource-group {resource_group} --server SERVER`, then `az sql db restore --deleted-time …`. Later only the exported file is left.',
    ],
  },
  links: [
    {
      title: 'Restore a deleted database',
      url: 'https://learn.microsoft.com/azure/azure-sql/database/recovery-using-backups#deleted-database-restore',
    },
  ],
  evaluate(database, { estate, thresholds, now }) {
    const other = otherThanProvisioned(database);
    if (other !== undefined) return fine(other);
    const objective = textAt(database, 'properties.currentServiceObjectiveName');
    const created = instantAt(database, 'properties.creationDate');
    if (objective === undefined || created === undefined) return undecided('no_creation_date');
    const ageDays = Math.floor(daysBetween(created, now));
    if (ageDays < thresholds.ageDays) return fine('made_lately');
    const sessions = estate.metric(database.resourceId, 'sessions_percent');
    const load =
      estate.metric(database.resourceId, 'dtu_consumption_percent') ??
      estate.metric(database.resourceId, 'cpu_percent');
    if (sessions?.maximum == null || load?.maximum == null) return undecided('no_metrics');
    if (sessions.maximum > 0 || load.maximum > IDLE_PERCENT) return fine('in_use');
    if (Math.min(sessions.coverage, load.coverage) < LEAST_COVERAGE) return undecided('low_coverage');
    return found({
      reason: `Nobody had a session from ${day(sessions.from)} to ${day(sessions.to)}; the load was at most ${percent(load.maximum)}.`,
      evidence: {
        database: database.resourceId.slice(database.resourceId.lastIndexOf('/') + 1),
        objective,
        created,
        sessions_percent_maximum: sessions.maximum,
        load_percent_maximum: load.maximum,
        from: sessions.from,
        to: sessions.to,
        coverage: sessions.coverage,
      },
      saving: measured(estate.costOf(database.resourceId)),
      certainty: 0.75,
    });
  },
});

function day(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
