import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { basicPublicIp } from './rule.js';

const address = (estate: TestEstate, configuration?: string, changes: object = {}) =>
  estate.add('microsoft.network/publicipaddresses', {
    name: 'pip',
    sku: { name: 'Basic', tier: 'Regional' },
    properties: {
      publicIPAllocationMethod: 'Dynamic',
      ...(configuration === undefined ? {} : { ipConfiguration: { id: configuration } }),
    },
    ...changes,
  });
const FRONTEND = '/providers/Microsoft.Network/loadBalancers/lb/frontendIPConfigurations/web';

describeRule(basicPublicIp, {
  found: {
    'a basic address in use': {
      given: (estate) => {
        const subject = address(estate, FRONTEND);
        estate.charge(subject, '2.6');
        return subject;
      },
      expected: {
        reason: 'The dynamic address is of the retired SKU Basic.',
        estimatedMonthlySavings: null,
        action: 'upgrade',
        evidence: { sku: 'Basic', allocation: 'Dynamic', ip_address: null, ip_configuration: FRONTEND },
      },
    },
  },
  fine: {
    'a standard address': {
      given: (estate) => address(estate, FRONTEND, { sku: { name: 'Standard' } }),
      because: 'current_sku',
    },
  },
  leavesOut: {
    'addresses that nothing uses, which are better deleted': (estate) => address(estate),
    'addresses of cloud services': (estate) =>
      address(
        estate,
        '/providers/Microsoft.Compute/cloudServices/cs/roleInstances/r/networkInterfaces/n/ipConfigurations/c',
      ),
  },
  undecided: { no_sku: (estate) => address(estate, FRONTEND, { sku: null }) },
});
