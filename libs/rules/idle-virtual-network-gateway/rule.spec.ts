import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { idleVirtualNetworkGateway } from './rule.js';

const gateway = (estate: TestEstate, properties: object = {}) =>
  estate.add('microsoft.network/virtualnetworkgateways', {
    name: 'vgw',
    properties: {
      gatewayType: 'Vpn',
      vpnType: 'RouteBased',
      activeActive: true,
      sku: { name: 'VpnGw1AZ', tier: 'VpnGw1AZ' },
      ipConfigurations: [{ name: 'default' }, { name: 'activeActive' }],
      ...properties,
    },
  });
const connected = (estate: TestEstate, end: 'virtualNetworkGateway1' | 'virtualNetworkGateway2') => {
  const subject = gateway(estate);
  estate.add('microsoft.network/connections', {
    properties: { connectionType: 'Vnet2Vnet', [end]: { id: subject.originalId.toUpperCase() } },
  });
  return subject;
};

describeRule(idleVirtualNetworkGateway, {
  found: {
    'a VPN gateway without connections, once although it has two configurations': {
      given: (estate) => {
        const subject = gateway(estate);
        estate.charge(subject, '136.8', { meterCategory: 'VPN Gateway' });
        return subject;
      },
      expected: {
        reason: 'No connection begins or ends at the VPN gateway.',
        estimatedMonthlySavings: '136.8',
        savingsMethod: 'measured',
        confidence: '0.90',
        evidence: { gateway_type: 'Vpn', sku: 'VpnGw1AZ', connections: 0 },
      },
    },
    'an ExpressRoute gateway without connections': {
      given: (estate) => gateway(estate, { gatewayType: 'ExpressRoute', sku: { name: 'Standard' } }),
      expected: { reason: 'No connection begins or ends at the ExpressRoute gateway.', estimatedMonthlySavings: null },
    },
    'a gateway beside one that is connected': {
      given: (estate) => {
        estate.add('microsoft.network/connections', { properties: { virtualNetworkGateway1: { id: '/other' } } });
        return gateway(estate);
      },
    },
  },
  fine: {
    'a gateway that a connection begins at': {
      given: (estate) => connected(estate, 'virtualNetworkGateway1'),
      because: 'connected',
    },
    'a gateway that a connection ends at': {
      given: (estate) => connected(estate, 'virtualNetworkGateway2'),
      because: 'connected',
    },
  },
  leavesOut: {
    'gateways that people dial in to (point-to-site)': (estate) =>
      gateway(estate, { vpnClientConfiguration: { vpnClientAddressPool: { addressPrefixes: ['10.9.0.0/24'] } } }),
    'gateways of other kinds than VPN and ExpressRoute': (estate) => gateway(estate, { gatewayType: 'LocalGateway' }),
  },
  undecided: { no_gateway_type: (estate) => gateway(estate, { gatewayType: undefined }) },
});
