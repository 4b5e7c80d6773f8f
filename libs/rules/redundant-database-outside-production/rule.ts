import type { InventoryResource } from '#core/facts.js';
import { textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { otherThanProvisioned } from '../sql-database.js';
import { environmentOf, isNotProduction } from '../tags.js';

/** A standby doubles compute and storage. */
const STANDBY = { low: 0.4, likely: 0.5, high: 0.5 };
/** Zone redundancy adds 60 % to the compute of General Purpose, and nothing to its storage's first copy. */
const ZONES = { low: 0.2, likely: 0.3, high: 0.375 };

/** Databases outside production that are paid for twice so that they never stop. */
export const redundantDatabaseOutsideProduction = defineRule({
  id: 'redundant-database-outside-production',
  title: 'Switch off high availability outside production',
  finds:
    'PostgreSQL and MySQL flexible servers with a standby, and General Purpose SQL databases, pools and managed instances with zone redundancy, that a tag places outside production.',
  leavesOut: [
    'business critical, premium and hyperscale databases, whose zone redundancy has no price of its own',
    'databases in an elastic pool, which have the pool’s redundancy',
    'what no tag places outside production',
  ],
  savings:
    'A guess: a standby is half of a flexible server’s cost; zone redundancy is 37.5 % of the compute of General Purpose, whose storage is billed besides.',
  category: 'rightsizing',
  action: 'retier',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: [
    'microsoft.dbforpostgresql/flexibleservers',
    'microsoft.dbformysql/flexibleservers',
    'microsoft.sql/servers/databases',
    'microsoft.sql/servers/elasticpools',
    'microsoft.sql/managedinstances',
  ],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of `{name}` whether failover itself is under test here, or whether the tag `{evidence.environment}` is wrong.',
    ],
    azureCli: ['az resource patch --ids {id} --properties {evidence.change}'],
    portal: [
      'PostgreSQL and MySQL: open the server, **High availability**, clear **Enable**, **Save**. SQL: open `{name}`, **Compute + storage**, choose **No** for zone redundancy, **Apply**.',
    ],
    terraform: 'Remove the `high_availability` block of the server, or set `zone_redundant = false`.',
    verify: ['`az resource show --ids {id} --query properties` shows the change; connections drop once, for seconds.'],
    undo: ["`az resource patch --ids {id} --properties '{evidence.change_back}'`"],
  },
  links: [
    {
      title: 'High availability in Azure Database for PostgreSQL',
      url: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-high-availability',
    },
    {
      title: 'Zone redundancy in Azure SQL Database',
      url: 'https://learn.microsoft.com/azure/azure-sql/database/high-availability-sla-local-zone-redundancy',
    },
  ],
  evaluate(database, { estate }) {
    if (!isNotProduction(database)) return fine('not_outside_production');
    const redundancy = database.type.endsWith('/flexibleservers') ? standbyOf(database) : zonesOf(database);
    if (typeof redundancy === 'string') return redundancy.startsWith('no_') ? undecided(redundancy) : fine(redundancy);
    const environment = environmentOf(database)!;
    return found({
      reason: `A tag says ${environment}, and ${redundancy.what} is paid for.`,
      evidence: { environment, change: redundancy.change, change_back: redundancy.changeBack },
      saving: guessed(estate.costOf(database.resourceId), redundancy.share),
      certainty: 0.8,
    });
  },
});

interface Redundancy {
  what: string;
  share: typeof STANDBY;
  /** Properties as they are patched. */
  change: object;
  changeBack: object;
}

function standbyOf(server: InventoryResource): Redundancy | string {
  const mode = textAt(server, 'properties.highAvailability.mode');
  if (mode === undefined) return 'no_high_availability_mode';
  if (/^disabled$/i.test(mode)) return 'single';
  const change = (to: string) => ({ highAvailability: { mode: to } });
  return { what: 'a standby', share: STANDBY, change: change('Disabled'), changeBack: change(mode) };
}

function zonesOf(database: InventoryResource): Redundancy | string {
  const isDatabase = database.type === 'microsoft.sql/servers/databases';
  const other = isDatabase ? otherThanProvisioned(database) : undefined;
  if (other === 'pooled' || other === 'system_database' || other === 'data_warehouse') return other;
  const tier = textAt(database, 'sku.tier');
  const isRedundant = valueAt(database, 'properties.zoneRedundant');
  if (tier === undefined) return 'no_tier';
  if (!/^generalpurpose$/i.test(tier)) return 'included';
  if (isRedundant === undefined) return 'no_zone_redundancy';
  if (isRedundant !== true) return 'single';
  const change = (zoneRedundant: boolean) => ({ zoneRedundant });
  return { what: 'zone redundancy', share: ZONES, change: change(false), changeBack: change(true) };
}
