import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { sqlDatabaseWithoutHybridBenefit } from './rule.js';

const resource = (
  estate: TestEstate,
  type = 'microsoft.sql/servers/databases',
  properties: object = {},
  tier: string | undefined = 'GeneralPurpose',
): InventoryResource => {
  const subject = estate.add(type, {
    name: 'sql/db',
    kind: 'v12.0,user,vcore',
    sku: { name: 'GP_Gen5', ...(tier === '' ? {} : { tier }), capacity: 4 },
    properties: { licenseType: 'LicenseIncluded', currentServiceObjectiveName: 'GP_Gen5_4', ...properties },
  });
  estate.charge(subject, '800', { meterCategory: 'SQL Database' });
  return subject;
};
const DATABASE = 'microsoft.sql/servers/databases';

describeRule(sqlDatabaseWithoutHybridBenefit, {
  found: {
    'a database with the licence in its price, from nothing on': {
      given: (estate) => resource(estate),
      expected: {
        reason: 'The price of this GeneralPurpose resource includes the SQL Server licence.',
        estimatedMonthlySavings: '200',
        savingsLow: '0',
        savingsHigh: '320',
        savingsMethod: 'guessed',
        confidence: '0.25',
      },
    },
    'a business critical pool, more of whose price is licence': {
      given: (estate) => resource(estate, 'microsoft.sql/servers/elasticpools', {}, 'BusinessCritical'),
      expected: { estimatedMonthlySavings: '360', savingsHigh: '440' },
    },
    'a managed instance': { given: (estate) => resource(estate, 'microsoft.sql/managedinstances') },
  },
  fine: {
    'an own licence': {
      given: (estate) => resource(estate, DATABASE, { licenseType: 'BasePrice' }),
      because: 'own_licence',
    },
  },
  leavesOut: {
    'serverless and hyperscale databases, to which the benefit does not apply': [
      (estate) => resource(estate, DATABASE, { currentServiceObjectiveName: 'GP_S_Gen5_2' }),
      (estate) => resource(estate, DATABASE, {}, 'Hyperscale'),
    ],
    'databases in an elastic pool, which have the pool’s licence': (estate) =>
      resource(estate, DATABASE, { elasticPoolId: '/pool' }),
    'replicas, whose licence may be free': (estate) => resource(estate, DATABASE, { secondaryType: 'Standby' }),
    'DTU databases, whose price knows no licence': (estate) =>
      resource(estate, DATABASE, { currentServiceObjectiveName: 'S3' }, 'Standard'),
    'Dev/Test subscriptions, which pay for no licence': (estate) => {
      estate.quotaId = 'MSDNDevTest_2014-09-01';
      return resource(estate);
    },
  },
  undecided: {
    no_tier: (estate) => resource(estate, DATABASE, {}, ''),
    no_licence_type: (estate) => resource(estate, DATABASE, { licenseType: undefined }),
    no_offer: (estate) => {
      estate.quotaId = null;
      return resource(estate);
    },
  },
});
