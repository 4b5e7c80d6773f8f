import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unlinkedPrivateDnsZone } from './rule.js';

const zone = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/privatednszones', {
    name: 'privatelink.blob.core.windows.net',
    location: 'global',
    properties: { numberOfVirtualNetworkLinks: 0, numberOfRecordSets: 1, ...properties },
    ...changes,
  });

describeRule(unlinkedPrivateDnsZone, {
  found: {
    'a zone without links': {
      given: (estate) => {
        const subject = zone(estate);
        estate.charge(subject, '0.5', { meterCategory: 'Azure DNS' });
        return subject;
      },
      expected: {
        reason: 'The zone is linked to no virtual network.',
        estimatedMonthlySavings: '0.5',
        savingsMethod: 'measured',
        confidence: '0.95',
        evidence: { virtual_network_links: 0, record_sets: 1 },
      },
    },
    'a zone that somebody filled, less surely': {
      given: (estate) => zone(estate, { numberOfRecordSets: 40 }),
      expected: { confidence: '0.80', estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a linked zone': { given: (estate) => zone(estate, { numberOfVirtualNetworkLinks: 1 }), because: 'linked' },
  },
  leavesOut: {
    'zones that Kubernetes made for private clusters': (estate) =>
      zone(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
  },
  undecided: { no_number_of_links: (estate) => zone(estate, { numberOfVirtualNetworkLinks: undefined }) },
});
