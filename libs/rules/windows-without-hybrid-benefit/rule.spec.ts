import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { image, machine, power } from '../testing/machines.js';
import { fakePrices } from '../testing/fake-prices.js';
import type { TestEstate } from '../testing/test-estate.js';
import { windowsWithoutHybridBenefit } from './rule.js';

const windows = (estate: TestEstate, properties: object = {}): InventoryResource => {
  const subject = machine(
    estate,
    {},
    { ...image('MicrosoftWindowsServer', 'WindowsServer', 'Windows'), ...properties },
  );
  estate.charge(subject, '270', { meterCategory: 'Virtual Machines' });
  estate.charge(subject, '99', { meterCategory: 'Virtual Machines Licenses' });
  return subject;
};

describeRule(windowsWithoutHybridBenefit, {
  found: {
    'a machine that rents Windows, with what list prices say': {
      given: (estate) => {
        estate.reference = {
          prices: fakePrices({ virtualMachineHourly: (_, size, os) => (os === 'Windows' ? '0.4' : '0.2') }),
          sizes: null,
        };
        return windows(estate);
      },
      expected: {
        estimatedMonthlySavings: '135',
        savingsLow: '0',
        savingsMethod: 'priced',
        monthlyCost: '270',
        confidence: '0.36',
      },
    },
    'a machine whose prices are unknown, with a guess': {
      given: (estate) => windows(estate),
      expected: {
        estimatedMonthlySavings: '121.5',
        savingsLow: '0',
        savingsHigh: '135',
        savingsMethod: 'guessed',
        confidence: '0.20',
      },
    },
    'a stopped machine, which is billed all the same': { given: (estate) => windows(estate, power('stopped')) },
    'a machine whose licence was taken away': { given: (estate) => windows(estate, { licenseType: 'None' }) },
  },
  fine: {
    'a Linux machine': { given: (estate) => machine(estate), because: 'not_windows' },
    'a machine with the benefit': {
      given: (estate) => windows(estate, { licenseType: 'Windows_Server' }),
      because: 'brings_its_licence',
    },
  },
  leavesOut: {
    'subscriptions of a Dev/Test or Visual Studio offer, which pay for no Windows': [
      (estate) => {
        estate.quotaId = 'MSDNDevTest_2014-09-01';
        return windows(estate);
      },
      (estate) => {
        estate.quotaId = 'MSDN_2014-09-01';
        return windows(estate);
      },
    ],
    'client editions of Windows and images of Visual Studio': [
      (estate) => windows(estate, image('MicrosoftWindowsDesktop', 'windows-11', 'Windows')),
      (estate) => windows(estate, image('MicrosoftVisualStudio', 'visualstudio2022', 'Windows')),
      (estate) => windows(estate, { licenseType: 'Windows_Client' }),
    ],
    'machines that are deallocated': (estate) => windows(estate, power('deallocated')),
  },
  undecided: {
    no_operating_system: (estate) => windows(estate, { storageProfile: {} }),
    no_power_state: (estate) => windows(estate, { extended: {} }),
    no_offer: (estate) => {
      estate.quotaId = null;
      return windows(estate);
    },
  },
});
