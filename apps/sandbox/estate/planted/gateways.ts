import { METERS, type Meter } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;
const MONTHLY_UNIT_PER_DAY = 32_877;

/** What carries traffic and has none to carry, and what only looks like it. */
export function plantedGateways(context: WorkloadContext): void {
  loadBalancers(context);
  applicationGateways(context);
  networkGateways(context);
  const subnet = context.idOf('Microsoft.Network/virtualNetworks/subnets', `vnet-${context.suffix}-hub/web`);
  gateway(context, 'natGateways', 'ng-left', METERS.natGateway, {}, 'unused-nat-gateway');
  gateway(context, 'natGateways', 'ng-hub', METERS.natGateway, { subnets: [{ id: subnet }] });
  const sourceVirtualNetwork = { id: context.idOf('Microsoft.Network/virtualNetworks', `vnet-${context.suffix}-hub`) };
  gateway(context, 'natGateways', 'ng-net', METERS.natGateway, { sourceVirtualNetwork });
}

function loadBalancers(context: WorkloadContext): void {
  const add = (name: string, properties: object, draft: Partial<ResourceDraft> = {}) =>
    gateway(context, 'loadBalancers', name, METERS.loadBalancer, properties, undefined, {
      sku: { name: 'Standard', tier: 'Regional' },
      ...draft,
    });
  const pool = (properties: object) => ({ backendAddressPools: [{ id: '', name: 'web', properties }] });
  const rules = { loadBalancingRules: [{ name: 'https', properties: { frontendPort: 443, backendPort: 443 } }] };
  add('lb-empty', { ...rules, ...pool({}) }, { waste: [{ kind: 'empty-load-balancer' }] });
  add('lb-used', { ...rules, ...pool({ loadBalancerBackendAddresses: [{ name: 'web-1' }] }) });
  add('lb-ssh', { backendAddressPools: [], inboundNatRules: [{ name: 'ssh', properties: { frontendPort: 2222 } }] });
  add('lb-basic', pool({}), { sku: { name: 'Basic', tier: 'Regional' }, meters: [] });
}

function applicationGateways(context: WorkloadContext): void {
  const add = (name: string, properties: object, waste?: string, meters?: Resource['meters']) =>
    gateway(
      context,
      'applicationGateways',
      name,
      METERS.applicationGateway,
      {
        sku: { name: 'Standard_v2', tier: 'Standard_v2', family: 'Generation_1' },
        autoscaleConfiguration: { minCapacity: 0, maxCapacity: 2 },
        operationalState: 'Running',
        ...properties,
      },
      waste,
      meters && { meters },
    );
  const pool = (backendAddresses: object[]) => ({
    backendAddressPools: [{ name: 'web', properties: { backendAddresses } }],
    requestRoutingRules: [{ name: 'web', properties: { backendAddressPool: { id: '' } } }],
  });
  add('agw-empty', pool([]), 'application-gateway-without-backends');
  add('agw-used', pool([{ fqdn: 'shop.example' }]));
  add('agw-stopped', { ...pool([]), operationalState: 'Stopped' }, undefined, []);
  add('agw-www', {
    backendAddressPools: [],
    redirectConfigurations: [{ name: 'www', properties: { redirectType: 'Permanent' } }],
    requestRoutingRules: [{ name: 'www', properties: { redirectConfiguration: { id: '' } } }],
  });
}

function networkGateways(context: WorkloadContext): void {
  const add = (name: string, gatewayType: 'Vpn' | 'ExpressRoute', properties: object = {}, waste?: string) =>
    gateway(
      context,
      'virtualNetworkGateways',
      name,
      gatewayType === 'Vpn' ? METERS.vpnGateway : METERS.expressRouteGateway,
      {
        gatewayType,
        sku: gatewayType === 'Vpn' ? { name: 'VpnGw1AZ', tier: 'VpnGw1AZ' } : { name: 'Standard', tier: 'Standard' },
        // Two configurations, as an active-active gateway has them.
        ipConfigurations: [{ name: 'default' }, { name: 'second' }],
        ...properties,
      },
      waste,
    );
  add('vgw-left', 'Vpn', {}, 'idle-virtual-network-gateway');
  add('ergw-left', 'ExpressRoute', {}, 'idle-virtual-network-gateway');
  add('vgw-people', 'Vpn', {
    vpnClientConfiguration: {
      vpnClientAddressPool: { addressPrefixes: ['172.16.9.0/24'] },
      vpnClientProtocols: ['OpenVPN'],
    },
  });
  const [near, far] = [add('vgw-near', 'Vpn'), add('vgw-far', 'Vpn')];
  context.add({
    type: 'Microsoft.Network/connections',
    name: `cn-${context.suffix}-near-far`,
    properties: {
      provisioningState: 'Succeeded',
      connectionType: 'Vnet2Vnet',
      virtualNetworkGateway1: { id: near.id },
      virtualNetworkGateway2: { id: far.id.toUpperCase() },
    },
  });
  circuit(context, 'left', 'NotProvisioned', 'unprovisioned-expressroute-circuit');
  circuit(context, 'used', 'Provisioned');
  circuit(context, 'coming', 'Provisioning');
}

function circuit(context: WorkloadContext, name: string, provider: string, waste?: string): void {
  gateway(
    context,
    'expressRouteCircuits',
    `erc-${name}`,
    METERS.expressRouteCircuit,
    {
      circuitProvisioningState: 'Enabled',
      serviceProviderProvisioningState: provider,
      serviceProviderProperties: {
        serviceProviderName: 'Equinix',
        peeringLocation: 'Amsterdam',
        bandwidthInMbps: 50,
      },
    },
    waste,
    {
      sku: { name: 'Standard_MeteredData', tier: 'Standard', family: 'MeteredData' },
      meters: [{ meter: METERS.expressRouteCircuit, dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
    },
  );
}

/** Something of Microsoft.Network that is billed by the hour unless `draft` says otherwise. */
function gateway(
  context: WorkloadContext,
  type: string,
  name: string,
  meter: Meter,
  properties: object,
  waste?: string,
  draft: Partial<ResourceDraft> = {},
): Resource {
  return context.add({
    type: `Microsoft.Network/${type}`,
    name: `${name}-${context.suffix}`,
    properties: { provisioningState: 'Succeeded', ...properties },
    meters: [{ meter, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...(waste === undefined ? {} : { waste: [{ kind: waste }] }),
    ...draft,
  });
}
