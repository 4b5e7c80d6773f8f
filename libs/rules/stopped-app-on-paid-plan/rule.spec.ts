import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { stoppedAppOnPaidPlan } from './rule.js';

const plan = (
  estate: TestEstate,
  states: (string | undefined)[] = ['Stopped', 'Stopped'],
  { tier = 'Standard', sites = states.length }: { tier?: string; sites?: number | null } = {},
): InventoryResource => {
  const subject = estate.add('microsoft.web/serverfarms', {
    name: 'plan',
    sku: { name: 'S1', tier, capacity: 1 },
    properties: { numberOfSites: sites ?? undefined },
  });
  for (const [index, state] of states.entries()) {
    const properties = { state, serverFarmId: subject.originalId };
    estate.add('microsoft.web/sites', { name: `app-${index}`, properties });
  }
  estate.charge(subject, '73', { meterCategory: 'Azure App Service' });
  return subject;
};

describeRule(stoppedAppOnPaidPlan, {
  found: {
    'a plan with nothing but stopped apps': {
      given: (estate) => plan(estate),
      expected: {
        reason: 'The plan is Standard, and all that is on it is stopped (2).',
        estimatedMonthlySavings: '73',
        savingsMethod: 'measured',
      },
    },
  },
  fine: {
    'a plan without apps, which another rule speaks of': { given: (estate) => plan(estate, []), because: 'empty' },
  },
  leavesOut: {
    'plans that cost nothing by themselves: Free, Shared, Consumption and Flex Consumption': [
      (estate) => plan(estate, undefined, { tier: 'Free' }),
      (estate) => plan(estate, undefined, { tier: 'Dynamic' }),
    ],
    'plans on which at least one app or deployment slot runs': [
      (estate) => plan(estate, ['Stopped', 'Running']),
      (estate) => {
        const subject = plan(estate);
        const properties = { state: 'Running', serverFarmId: subject.originalId };
        estate.add('microsoft.web/sites/slots', { name: 'app-0/test', properties });
        return subject;
      },
    ],
  },
  undecided: {
    no_tier: (estate) => estate.add('microsoft.web/serverfarms'),
    no_number_of_sites: (estate) => plan(estate, ['Stopped'], { sites: null }),
    apps_not_seen: (estate) => plan(estate, ['Stopped'], { sites: 2 }),
    no_app_state: (estate) => plan(estate, [undefined]),
  },
});
