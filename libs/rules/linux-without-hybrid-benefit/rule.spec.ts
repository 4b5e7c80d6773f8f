import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { image, machine, power } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { linuxWithoutHybridBenefit } from './rule.js';

const redHat = (estate: TestEstate, properties: object = {}): InventoryResource =>
  machine(estate, {}, { ...image('RedHat', 'RHEL'), ...properties });

describeRule(linuxWithoutHybridBenefit, {
  found: {
    'a machine from an image of Red Hat, with what licences cost': {
      given: (estate) => {
        const subject = redHat(estate);
        estate.charge(subject, '140', { meterCategory: 'Virtual Machines' });
        estate.charge(subject, '43.8', { meterCategory: 'Virtual Machines Licenses' });
        return subject;
      },
      expected: {
        estimatedMonthlySavings: '43.8',
        savingsLow: '0',
        savingsHigh: '43.8',
        savingsMethod: 'guessed',
        confidence: '0.20',
        evidence: expect.objectContaining({ target_license_type: 'RHEL_BYOS', extension: 'AHBForRHEL' }),
      },
    },
    'a machine from an image of SUSE': {
      given: (estate) => redHat(estate, image('SUSE', 'sles-15-sp6')),
      expected: {
        estimatedMonthlySavings: null,
        evidence: expect.objectContaining({ target_license_type: 'SLES_BYOS', extension: 'AHBForSLES' }),
      },
    },
    'a machine that was converted to pay': {
      given: (estate) => redHat(estate, { ...image('acme', 'own'), licenseType: 'RHEL_BASE' }),
    },
  },
  fine: {
    'a machine of Windows': {
      given: (estate) => redHat(estate, image('MicrosoftWindowsServer', 'WindowsServer', 'Windows')),
      because: 'not_linux',
    },
    'a machine of Ubuntu': { given: (estate) => machine(estate), because: 'no_fee' },
  },
  leavesOut: {
    'machines that bring their subscription': [
      (estate) => redHat(estate, { licenseType: 'RHEL_BYOS' }),
      (estate) => redHat(estate, { ...image('SUSE', 'sles-15-sp6'), licenseType: 'SLES_BYOS' }),
    ],
    'images without a fee: openSUSE, and those for subscriptions of one’s own': [
      (estate) => redHat(estate, image('RedHat', 'rhel-byos')),
      (estate) => redHat(estate, image('SUSE', 'sles-15-sp6-byos')),
      (estate) => redHat(estate, image('SUSE', 'opensuse-leap-15-6')),
    ],
    'machines that are deallocated': (estate) => redHat(estate, power('deallocated')),
  },
  undecided: {
    no_operating_system: (estate) => redHat(estate, { storageProfile: {} }),
    no_power_state: (estate) => redHat(estate, { extended: {} }),
  },
});
