import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { image, machine, power } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { sqlVirtualMachineWithoutHybridBenefit } from './rule.js';

const server = (estate: TestEstate, properties: object = {}, ofMachine: object = {}): InventoryResource => {
  const host = machine(estate, {}, { ...image('MicrosoftSQLServer', 'sql2022-ws2022', 'Windows'), ...ofMachine });
  estate.charge(host, '140', { meterCategory: 'Virtual Machines' });
  estate.charge(host, '292', { meterCategory: 'Virtual Machines Licenses' });
  return estate.add('microsoft.sqlvirtualmachine/sqlvirtualmachines', {
    properties: {
      virtualMachineResourceId: host.originalId,
      sqlServerLicenseType: 'PAYG',
      sqlImageSku: 'Standard',
      sqlImageOffer: 'SQL2022-WS2022',
      ...properties,
    },
  });
};

describeRule(sqlVirtualMachineWithoutHybridBenefit, {
  found: {
    'SQL Server by the hour, with what licences of its machine cost': {
      given: (estate) => server(estate),
      expected: {
        reason: 'SQL Server Standard is paid for by the hour; licences that its owner has would do instead.',
        estimatedMonthlySavings: '292',
        savingsLow: '0',
        savingsHigh: '292',
        monthlyCost: '292',
        savingsMethod: 'guessed',
        confidence: '0.20',
        evidence: expect.objectContaining({ edition: 'Standard', size: 'Standard_D4s_v5' }),
      },
    },
    'of a machine that should run in office hours alone, what the other hours leave': {
      given: (estate) => {
        const registration = server(estate);
        const host = estate.resources.find(({ type }) => type === 'microsoft.compute/virtualmachines')!;
        Object.assign(host, { tags: { env: 'dev' } });
        estate.measure(host, 'Percentage CPU', { average: 40, p95: 60, maximum: 90 });
        return registration;
      },
      expected: { estimatedMonthlySavings: '116.8', savingsHigh: '292', monthlyCost: '292' },
    },
  },
  fine: {
    'a server with the benefit': {
      given: (estate) => server(estate, { sqlServerLicenseType: 'AHUB' }),
      because: 'brings_its_licence',
    },
  },
  leavesOut: {
    'replicas for disaster recovery, which are free': (estate) => server(estate, { sqlServerLicenseType: 'DR' }),
    'editions without a fee, Developer and Express, and Web, which has no such benefit': [
      'Developer',
      'Express',
      'Web',
    ].map((sqlImageSku) => (estate: TestEstate) => server(estate, { sqlImageSku })),
    'machines that are stopped or deallocated': ['stopped', 'deallocated'].map(
      (state) => (estate: TestEstate) => server(estate, {}, power(state)),
    ),
  },
  undecided: {
    no_license_type: (estate) => server(estate, { sqlServerLicenseType: undefined }),
    no_edition: (estate) => server(estate, { sqlImageSku: undefined }),
    no_power_state: [
      (estate) => server(estate, {}, { extended: {} }),
      (estate) => server(estate, { virtualMachineResourceId: '/elsewhere' }),
    ],
  },
});
