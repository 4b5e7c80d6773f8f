import { describeRule } from '../testing/describe-rule.js';
import { NOW, type TestEstate } from '../testing/test-estate.js';
import { unprovisionedExpressRouteCircuit } from './rule.js';

const circuit = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/expressroutecircuits', {
    name: 'erc',
    sku: { name: 'Standard_MeteredData', tier: 'Standard', family: 'MeteredData' },
    properties: {
      serviceProviderProvisioningState: 'NotProvisioned',
      circuitProvisioningState: 'Enabled',
      serviceProviderProperties: { serviceProviderName: 'Equinix' },
      ...properties,
    },
    ...changes,
  });
const NEW = { firstSeenAt: NOW };

describeRule(unprovisionedExpressRouteCircuit, {
  found: {
    'a circuit that was charged all month': {
      given: (estate) => {
        const subject = circuit(estate, {}, NEW);
        estate.charge(subject, '55', { meterCategory: 'ExpressRoute' });
        return subject;
      },
      expected: {
        reason: 'The provider has not provisioned the circuit, which has existed for at least 30 days.',
        estimatedMonthlySavings: '55',
        savingsMethod: 'measured',
        confidence: '0.85',
      },
    },
    'a circuit that was seen long ago, though its costs are unknown': {
      given: (estate) => {
        estate.costsKnown = false;
        return circuit(estate);
      },
      expected: { estimatedMonthlySavings: null, evidence: { known_days: 100, provider: 'Equinix' } },
    },
    'a new circuit, where the tenant does not want to wait': {
      given: (estate) => circuit(estate, {}, NEW),
      thresholds: { orderedDays: 0 },
    },
  },
  fine: {
    'a circuit that works': {
      given: (estate) => circuit(estate, { serviceProviderProvisioningState: 'Provisioned' }),
      because: 'provisioned',
    },
  },
  leavesOut: {
    'circuits that are being provisioned or taken back': [
      (estate) => circuit(estate, { serviceProviderProvisioningState: 'Provisioning' }),
      (estate) => circuit(estate, { serviceProviderProvisioningState: 'Deprovisioning' }),
    ],
    'circuits on ports of ExpressRoute Direct, where no provider takes part': (estate) =>
      circuit(estate, { expressRoutePort: { id: '/port' } }),
    'circuits that were ordered only lately': (estate) => {
      const subject = circuit(estate, {}, NEW);
      estate.charge(subject, '20', { firstDay: '2026-04-09' });
      return subject;
    },
  },
  undecided: {
    no_provider_state: (estate) => circuit(estate, { serviceProviderProvisioningState: undefined }),
    age_unknown: (estate) => circuit(estate, {}, NEW),
  },
});
