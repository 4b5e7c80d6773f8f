import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { underusedSqlDatabase } from './rule.js';

interface Given {
  objective?: string;
  tier?: string;
  used?: number | null;
  sessions?: number;
  coverage?: number;
  kind?: string;
  name?: string;
  properties?: object;
}

const database = (estate: TestEstate, given: Given = {}): InventoryResource => {
  const { objective = 'S4', tier = 'Standard', used = 20, sessions = 3, coverage = 1, properties } = given;
  const subject = estate.add('microsoft.sql/servers/databases', {
    name: given.name ?? 'sql/db',
    kind: given.kind ?? 'v12.0,user',
    sku: { name: tier, tier, capacity: 200 },
    properties: {
      status: 'Online',
      currentServiceObjectiveName: objective,
      maxSizeBytes: 268_435_456_000,
      ...properties,
    },
  });
  estate.measure(subject, 'sessions_percent', { maximum: sessions });
  const names = ['dtu_consumption_percent', 'cpu_percent', 'physical_data_read_percent', 'log_write_percent'];
  for (const name of names) estate.measure(subject, name, { p95: used, coverage });
  estate.charge(subject, '300', { meterCategory: 'SQL Database' });
  return subject;
};
const vcore = { objective: 'GP_Gen5_8', tier: 'GeneralPurpose', kind: 'v12.0,user,vcore' };

describeRule(underusedSqlDatabase, {
  found: {
    'a database that uses a fifth of its DTUs': {
      given: database,
      expected: {
        reason: 'At most 20 % is used 95 % of the time; S3 would do instead of S4.',
        estimatedMonthlySavings: '135',
        savingsLow: '90',
        savingsHigh: '150',
        savingsMethod: 'guessed',
      },
    },
    'the same by list prices': {
      given: (estate) => {
        const price = (_: string, name: string) => ({ S4: '400', S3: '100' })[name] ?? null;
        estate.reference = { prices: { sqlDatabaseMonthly: price } as never, sizes: null };
        return database(estate);
      },
      expected: { estimatedMonthlySavings: '225', savingsMethod: 'priced' },
    },
    'a database by vCores, a step of a quarter': {
      given: (estate) => database(estate, vcore),
      expected: { savingsHigh: '75', evidence: expect.objectContaining({ target_objective: 'GP_Gen5_6' }) },
    },
  },
  fine: {
    'a database that the lower objective would not do for': {
      given: (estate) => database(estate, { used: 40 }),
      because: 'in_use',
    },
    'a database by vCores whose log is written a lot': {
      given: (estate) => {
        const subject = estate.add('microsoft.sql/servers/databases', {
          kind: 'v12.0,user,vcore',
          properties: { currentServiceObjectiveName: 'GP_Gen5_8', maxSizeBytes: 1 },
        });
        estate.measure(subject, 'cpu_percent', { p95: 5 });
        estate.measure(subject, 'physical_data_read_percent', { p95: 5 });
        estate.measure(subject, 'log_write_percent', { p95: 80 });
        return subject;
      },
      because: 'in_use',
    },
    'a database whose lower objective costs no less by list price': {
      given: (estate) => {
        estate.reference = { prices: { sqlDatabaseMonthly: () => '100' } as never, sizes: null };
        return database(estate);
      },
      because: 'costs_no_less',
    },
    'the lowest objective': { given: (estate) => database(estate, { objective: 'S0' }), because: 'smallest_size' },
  },
  leavesOut: {
    'serverless and hyperscale databases, which scale in other ways': [
      (estate) => database(estate, { objective: 'GP_S_Gen5_4', kind: 'v12.0,user,vcore,serverless' }),
      (estate) => database(estate, { objective: 'HS_Gen5_4', tier: 'Hyperscale' }),
    ],
    'databases in an elastic pool, whose size is the pool’s': (estate) =>
      database(estate, { objective: 'ElasticPool', properties: { elasticPoolId: '/pool' } }),
    'replicas and databases in a failover group: both sides must have one size': [
      (estate) => database(estate, { properties: { secondaryType: 'Geo' } }),
      (estate) => database(estate, { properties: { failoverGroupId: '/group' } }),
    ],
    'system databases, data warehouses and databases that are not on line': [
      (estate) => database(estate, { name: 'sql/master', kind: 'v12.0,system' }),
      (estate) => database(estate, { objective: 'DW100c', kind: 'v12.0,user,datawarehouse' }),
      (estate) => database(estate, { properties: { status: 'Paused' } }),
    ],
    'databases whose maximum size the lower objective does not allow': (estate) =>
      database(estate, { objective: 'S3', properties: { maxSizeBytes: 536_870_912_000 } }),
    'databases that nobody uses at all': (estate) => database(estate, { sessions: 0 }),
  },
  undecided: {
    no_objective: (estate) => database(estate, { properties: { currentServiceObjectiveName: undefined } }),
    unknown_objective: (estate) => database(estate, { objective: 'GP_Fsv2_8' }),
    no_maximum_size: (estate) => database(estate, { properties: { maxSizeBytes: undefined } }),
    no_metrics: (estate) => database(estate, { used: null }),
    low_coverage: (estate) => database(estate, { coverage: 0.2 }),
  },
});
