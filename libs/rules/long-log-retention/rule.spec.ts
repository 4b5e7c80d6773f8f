import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { longLogRetention } from './rule.js';

const workspace = (
  estate: TestEstate,
  days: number | null = 365,
  monthly: string | null = '200',
): InventoryResource => {
  const properties = days === null ? {} : { retentionInDays: days };
  const subject = estate.add('microsoft.operationalinsights/workspaces', { name: 'logs', properties });
  if (monthly !== null) estate.charge(subject, monthly, { meterCategory: 'Log Analytics' });
  return subject;
};

describeRule(longLogRetention, {
  found: {
    'a workspace that keeps all logs for a year, without an amount': {
      given: (estate) => workspace(estate),
      expected: {
        reason: 'All logs are kept for 365 days; the workspace costs 200 EUR a month.',
        estimatedMonthlySavings: null,
        evidence: { retention_days: 365, monthly_cost: '200', currency: 'EUR' },
      },
    },
    'one of 60 days, where the tenant wants 31': {
      given: (estate) => workspace(estate, 60),
      thresholds: { retentionDays: 31 },
    },
  },
  fine: { 'a workspace of 90 days': { given: (estate) => workspace(estate, 90), because: 'short' } },
  leavesOut: {
    'workspaces of Microsoft Sentinel, whose security logs are kept on purpose': (estate) => {
      const subject = workspace(estate);
      estate.add('microsoft.operationsmanagement/solutions', {
        name: 'SecurityInsights(logs)',
        properties: { workspaceResourceId: subject.originalId.toUpperCase() },
      });
      return subject;
    },
    'workspaces that cost little altogether': [
      (estate) => workspace(estate, 365, '9.99'),
      (estate) => workspace(estate, 365, null),
    ],
  },
  undecided: {
    no_retention: (estate) => workspace(estate, null),
    no_costs: (estate) => {
      estate.costsKnown = false;
      return workspace(estate);
    },
  },
});
