import { listAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { environmentOf, isNotProduction } from '../tags.js';

/** Cosmos DB accounts outside production that are kept in several regions. */
export const cosmosDbMultiRegionOutsideProduction = defineRule({
  id: 'cosmos-db-multi-region-outside-production',
  title: 'Keep the Cosmos DB account in one region',
  finds:
    'Cosmos DB accounts in more than one region that a tag places outside production; throughput and storage are billed in each region.',
  leavesOut: ['accounts that no tag places outside production'],
  savings:
    'A guess: the regions that are given up have that share of the account’s own cost, 70 to 100 % of it, because backups and traffic are not spread evenly.',
  category: 'rightsizing',
  action: 'retier',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.documentdb/databaseaccounts'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of `{name}` whether replication or failover itself is under test, or whether readers elsewhere need it near.',
      'Applications may name regions in their connection policy; those that are removed must not be among them.',
    ],
    azureCli: [
      'az cosmosdb update --ids {id} --locations regionName={evidence.kept_region} failoverPriority=0 isZoneRedundant=false',
    ],
    portal: ['Open `{name}`, **Replicate data globally**, remove the read regions, **Save**.'],
    terraform: 'Leave one `geo_location` block on the `azurerm_cosmosdb_account`.',
    verify: ['`az cosmosdb show --ids {id} --query locations` shows one region; the hourly cost falls by the others.'],
    undo: [
      'Add the regions again in **Replicate data globally**; the data is copied, which takes time for large accounts.',
    ],
  },
  links: [
    {
      title: 'Optimize multi-region cost in Azure Cosmos DB',
      url: 'https://learn.microsoft.com/azure/cosmos-db/optimize-cost-regions',
    },
  ],
  evaluate(account, { estate }) {
    if (!isNotProduction(account)) return fine('not_outside_production');
    const locations = listAt(account, 'properties.locations') as readonly Partial<Record<string, unknown>>[];
    if (locations.length === 0) return undecided('no_regions');
    if (locations.length === 1) return fine('one_region');
    const given = 1 - 1 / locations.length;
    const kept = locations.find((location) => location['failoverPriority'] === 0) ?? locations[0]!;
    const environment = environmentOf(account)!;
    return found({
      reason: `A tag says ${environment}, and the account is in ${locations.length} regions.`,
      evidence: {
        environment,
        regions: locations.map((location) => location['locationName'] ?? null),
        kept_region: kept['locationName'] ?? null,
      },
      saving: guessed(estate.costOf(account.resourceId), { low: 0.7 * given, likely: 0.9 * given, high: given }),
      certainty: 0.8,
    });
  },
});
