import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { redundantDatabaseOutsideProduction } from './rule.js';

const SERVER = 'microsoft.dbforpostgresql/flexibleservers';
const DATABASE = 'microsoft.sql/servers/databases';
const database = (
  estate: TestEstate,
  type: string,
  properties: object,
  tags: Record<string, string> = { Environment: 'Dev' },
  tier: string | undefined = 'GeneralPurpose',
): InventoryResource => {
  const sku = tier === '' ? null : { name: 'x', tier };
  const subject = estate.add(type, { name: 'sql/db', sku, tags, properties: { ...properties } });
  estate.charge(subject, '400');
  return subject;
};
const standby = { highAvailability: { mode: 'ZoneRedundant', state: 'Healthy' } };
const zones = { zoneRedundant: true, currentServiceObjectiveName: 'GP_Gen5_4' };

describeRule(redundantDatabaseOutsideProduction, {
  found: {
    'a server with a standby': {
      given: (estate) => database(estate, SERVER, standby),
      expected: {
        reason: 'A tag says dev, and a standby is paid for.',
        estimatedMonthlySavings: '200',
        savingsLow: '160',
        savingsHigh: '200',
        savingsMethod: 'guessed',
        evidence: expect.objectContaining({
          change: { highAvailability: { mode: 'Disabled' } },
          change_back: { highAvailability: { mode: 'ZoneRedundant' } },
        }),
      },
    },
    'a MySQL server with a standby in its own zone': {
      given: (estate) =>
        database(estate, 'microsoft.dbformysql/flexibleservers', { highAvailability: { mode: 'SameZone' } }),
    },
    'a zone-redundant database': {
      given: (estate) => database(estate, DATABASE, zones),
      expected: { estimatedMonthlySavings: '120', savingsLow: '80', savingsHigh: '150' },
    },
    'a zone-redundant pool': { given: (estate) => database(estate, 'microsoft.sql/servers/elasticpools', zones) },
    'a zone-redundant managed instance': {
      given: (estate) => database(estate, 'microsoft.sql/managedinstances', zones),
    },
  },
  fine: {
    'a server without a standby': {
      given: (estate) => database(estate, SERVER, { highAvailability: { mode: 'Disabled' } }),
      because: 'single',
    },
    'a database in one zone': {
      given: (estate) => database(estate, DATABASE, { zoneRedundant: false }),
      because: 'single',
    },
  },
  leavesOut: {
    'business critical, premium and hyperscale databases, whose zone redundancy has no price of its own': [
      (estate) => database(estate, DATABASE, zones, { env: 'test' }, 'BusinessCritical'),
      (estate) => database(estate, DATABASE, zones, { env: 'test' }, 'Premium'),
      (estate) => database(estate, DATABASE, zones, { env: 'test' }, 'Hyperscale'),
    ],
    'databases in an elastic pool, which have the pool’s redundancy': (estate) =>
      database(estate, DATABASE, { ...zones, elasticPoolId: '/pool' }),
    'what no tag places outside production': [
      (estate) => database(estate, SERVER, standby, { environment: 'prod' }),
      (estate) => database(estate, SERVER, standby, {}),
    ],
  },
  undecided: {
    no_high_availability_mode: (estate) => database(estate, SERVER, {}),
    no_tier: (estate) => database(estate, DATABASE, zones, { env: 'dev' }, ''),
    no_zone_redundancy: (estate) => database(estate, DATABASE, {}),
  },
});
