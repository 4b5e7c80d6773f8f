import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unusedSqlDatabase } from './rule.js';

interface Given {
  sessions?: number | null;
  load?: number;
  coverage?: number;
  days?: number;
  kind?: string;
  name?: string;
  properties?: object;
}

const database = (estate: TestEstate, given: Given = {}): InventoryResource => {
  const { sessions = 0, load = 0.5, coverage = 1, days = 400, kind = 'v12.0,user', properties } = given;
  const subject = estate.add('microsoft.sql/servers/databases', {
    name: given.name ?? 'sql/db',
    kind,
    sku: { name: 'Standard', tier: 'Standard' },
    properties: {
      status: 'Online',
      currentServiceObjectiveName: 'S3',
      creationDate: estate.daysAgo(days),
      ...properties,
    },
  });
  estate.measure(subject, 'sessions_percent', { maximum: sessions, coverage });
  estate.measure(subject, 'dtu_consumption_percent', { maximum: load, coverage });
  estate.charge(subject, '147', { meterCategory: 'SQL Database' });
  return subject;
};

describeRule(unusedSqlDatabase, {
  found: {
    'a database without sessions': {
      given: database,
      expected: {
        reason: 'Nobody had a session from 2026-04-06 to 2026-04-20; the load was at most 0.5 %.',
        estimatedMonthlySavings: '147',
        savingsMethod: 'measured',
        confidence: '0.75',
      },
    },
  },
  fine: {
    'a database with few sessions': { given: (estate) => database(estate, { sessions: 0.02 }), because: 'in_use' },
    'a database that works although no session shows': {
      given: (estate) => database(estate, { load: 30 }),
      because: 'in_use',
    },
  },
  leavesOut: {
    'replicas and databases in a failover group, which wait for their day': [
      (estate) => database(estate, { properties: { secondaryType: 'Geo' } }),
      (estate) => database(estate, { properties: { failoverGroupId: '/group' } }),
    ],
    'serverless databases, which pause by themselves, and paused ones': [
      (estate) => database(estate, { kind: 'v12.0,user,vcore,serverless' }),
      (estate) => database(estate, { properties: { status: 'Paused' } }),
    ],
    'databases in an elastic pool, which cost nothing of their own': (estate) =>
      database(estate, { kind: 'v12.0,user,pool' }),
    'system databases, data warehouses and hyperscale databases': [
      (estate) => database(estate, { name: 'sql/master' }),
      (estate) => database(estate, { kind: 'v12.0,user,datawarehouse' }),
      (estate) => database(estate, { properties: { currentServiceObjectiveName: 'HS_Gen5_2' } }),
    ],
    'databases made only lately': (estate) => database(estate, { days: 29 }),
  },
  undecided: {
    no_creation_date: (estate) => database(estate, { properties: { creationDate: undefined } }),
    no_metrics: (estate) => database(estate, { sessions: null }),
    low_coverage: (estate) => database(estate, { coverage: 0.8 }),
  },
});
