import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { underusedAppServicePlan } from './rule.js';

interface Given {
  sku?: string;
  tier?: string;
  instances?: number;
  cpu?: number | null;
  memory?: number | null;
  coverage?: number;
  properties?: object;
}

const plan = (estate: TestEstate, given: Given = {}): InventoryResource => {
  const { sku = 'P2v3', tier = 'PremiumV3', instances = 1, cpu = 10, memory = 30, coverage = 1, properties } = given;
  const subject = estate.add('microsoft.web/serverfarms', {
    name: 'plan',
    sku: { name: sku, tier, capacity: instances },
    properties: { numberOfSites: 2, reserved: true, ...properties },
  });
  estate.measure(subject, 'CpuPercentage', { p95: cpu, coverage });
  estate.measure(subject, 'MemoryPercentage', { p95: memory, coverage });
  estate.charge(subject, '300', { meterCategory: 'Azure App Service' });
  return subject;
};

const autoscaled = (estate: TestEstate, enabled?: boolean) => {
  const subject = plan(estate);
  estate.add('microsoft.insights/autoscalesettings', {
    name: 'scale',
    properties: { enabled, targetResourceUri: subject.originalId.toUpperCase() },
  });
  return subject;
};

describeRule(underusedAppServicePlan, {
  found: {
    'a plan for which the next lower size would do, at half of its cost': {
      given: plan,
      expected: {
        reason: 'CPU is at most 10 % and memory at most 30 % 95 % of the time; 1 × P1v3 would do instead of 1 × P2v3.',
        estimatedMonthlySavings: '150',
        savingsLow: '120',
        savingsHigh: '150',
        savingsMethod: 'guessed',
      },
    },
    'the same by list prices, in proportion to its own cost': {
      given: (estate) => {
        const price = (_: string, sku: string, system: string) =>
          system === 'Linux' ? ({ P2v3: '0.4', P1v3: '0.1' }[sku] ?? null) : null;
        estate.reference = { prices: { appServicePlanHourly: price } as never, sizes: null };
        return plan(estate);
      },
      expected: { estimatedMonthlySavings: '225', savingsMethod: 'priced' },
    },
    'a plan with more instances than it needs': {
      given: (estate) => plan(estate, { instances: 6, cpu: 20, memory: 40 }),
      expected: {
        estimatedMonthlySavings: '150',
        savingsMethod: 'measured',
        evidence: expect.objectContaining({ target_sku: 'P2v3', target_instances: 3 }),
      },
    },
    'P1v3, below which there is P0v3': {
      given: (estate) => plan(estate, { sku: 'P1v3' }),
      expected: { evidence: expect.objectContaining({ target_sku: 'P0v3' }) },
    },
    'a plan whose autoscale setting is switched off': { given: (estate) => autoscaled(estate, false) },
  },
  fine: {
    'a plan whose memory would not suffice': {
      given: (estate) => plan(estate, { memory: 45 }),
      because: 'in_use',
    },
    'a plan of the lowest size of its tier, although another tier is cheaper': {
      given: (estate) => plan(estate, { sku: 'S1', tier: 'Standard' }),
      because: 'smallest_size',
    },
    'a plan whose lower size costs no less by list price': {
      given: (estate) => {
        estate.reference = { prices: { appServicePlanHourly: () => '0.2' } as never, sizes: null };
        return plan(estate);
      },
      because: 'costs_no_less',
    },
    'two small instances, of which one may fail': {
      given: (estate) => plan(estate, { sku: 'S1', tier: 'Standard', instances: 2, cpu: 5, memory: 10 }),
      because: 'smallest_size',
    },
  },
  leavesOut: {
    'plans that an autoscale setting or automatic scaling already fits to their load': [
      (estate) => autoscaled(estate),
      (estate) => plan(estate, { properties: { elasticScaleEnabled: true } }),
    ],
    'elastic premium and Logic Apps plans, which scale by themselves': [
      (estate) => plan(estate, { sku: 'EP2', tier: 'ElasticPremium' }),
      (estate) => plan(estate, { sku: 'WS2', tier: 'WorkflowStandard' }),
    ],
    'plans on which nothing runs, and those that cost nothing by themselves': [
      (estate) => plan(estate, { properties: { numberOfSites: 0 } }),
      (estate) => {
        const subject = plan(estate, { properties: { numberOfSites: 1 } });
        estate.add('microsoft.web/sites', { properties: { state: 'Stopped', serverFarmId: subject.originalId } });
        return subject;
      },
      (estate) => plan(estate, { sku: 'Y1', tier: 'Dynamic' }),
    ],
    'the last three instances of zone-redundant plans': (estate) =>
      plan(estate, { sku: 'P0v3', instances: 3, properties: { zoneRedundant: true } }),
  },
  undecided: {
    no_size: (estate) => estate.add('microsoft.web/serverfarms'),
    no_number_of_sites: (estate) => plan(estate, { properties: { numberOfSites: undefined } }),
    no_metrics: (estate) => plan(estate, { memory: null }),
    low_coverage: (estate) => plan(estate, { coverage: 0.2 }),
  },
});
