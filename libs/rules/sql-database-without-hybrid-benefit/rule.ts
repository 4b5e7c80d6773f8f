import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { otherThanProvisioned } from '../sql-database.js';

/** The licence's part of what a vCore with licence costs by list price, storage taken off. */
const LICENCE_SHARE = {
  generalpurpose: { low: 0, likely: 0.25, high: 0.4 },
  businesscritical: { low: 0, likely: 0.45, high: 0.55 },
} as const;

/** Azure SQL whose price includes a licence that may be owned already. */
export const sqlDatabaseWithoutHybridBenefit = defineRule({
  id: 'sql-database-without-hybrid-benefit',
  title: 'Use Azure Hybrid Benefit for Azure SQL',
  finds:
    'Databases, elastic pools and managed instances by vCores whose price includes the SQL Server licence. It is a saving only where licences with Software Assurance are owned and not used elsewhere.',
  leavesOut: [
    'serverless and hyperscale databases, to which the benefit does not apply',
    'databases in an elastic pool, which have the pool’s licence',
    'replicas, whose licence may be free',
    'DTU databases, whose price knows no licence',
    'Dev/Test subscriptions, which pay for no licence',
  ],
  savings:
    'A guess from nothing, where no licences are owned, up to the licence’s part of the list price: 40 % of General Purpose, 55 % of Business Critical.',
  category: 'rate',
  action: 'relicense',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: [
    'microsoft.sql/servers/databases',
    'microsoft.sql/servers/elasticpools',
    'microsoft.sql/managedinstances',
  ],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask whoever manages licences how many SQL Server cores with Software Assurance are free: one Enterprise core covers four General Purpose vCores or one Business Critical vCore, one Standard core covers one General Purpose vCore.',
    ],
    azureCli: [`az resource patch --ids {id} --properties '{"licenseType":"BasePrice"}'`],
    portal: [
      'Open `{name}`, **Compute + storage**, choose **Yes** under **Save money** (Azure Hybrid Benefit), confirm, **Apply**.',
    ],
    terraform: 'Set `license_type = "BasePrice"` on the database, pool or managed instance.',
    verify: ['`az resource show --ids {id} --query properties.licenseType` answers BasePrice. Nothing restarts.'],
    undo: ['`az resource patch --ids {id} --properties \'{"licenseType":"LicenseIncluded"}\'`'],
  },
  links: [
    {
      title: 'Azure Hybrid Benefit for Azure SQL',
      url: 'https://learn.microsoft.com/azure/azure-sql/azure-hybrid-benefit',
    },
  ],
  evaluate(resource, { estate }) {
    const { quotaId } = estate.facts;
    if (/devtest/i.test(quotaId ?? '')) return fine('dev_test_offer');
    if (resource.type === 'microsoft.sql/servers/databases') {
      const other = otherThanProvisioned(resource);
      if (other !== undefined) return fine(other);
    }
    const tier = textAt(resource, 'sku.tier');
    if (tier === undefined) return undecided('no_tier');
    const share = LICENCE_SHARE[tier.toLowerCase() as keyof typeof LICENCE_SHARE];
    if (!share) return fine('no_licence_in_price');
    const licence = textAt(resource, 'properties.licenseType');
    if (licence === undefined) return undecided('no_licence_type');
    if (licence.toLowerCase() !== 'licenseincluded') return fine('own_licence');
    if (quotaId === null) return undecided('no_offer');
    return found({
      reason: `The price of this ${tier} resource includes the SQL Server licence.`,
      evidence: { licence_type: licence, tier, sku: textAt(resource, 'sku.name') ?? null },
      saving: guessed(estate.costOf(resource.resourceId), share),
      certainty: 0.5,
    });
  },
});
