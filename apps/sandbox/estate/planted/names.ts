import { METERS } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;
const MONTHLY_UNIT_PER_DAY = 32_877;

/** Protection, endpoints and names for networks that are not there, and for those that are. */
export function plantedNames(context: WorkloadContext): void {
  const network = context.idOf('Microsoft.Network/virtualNetworks', `vnet-${context.suffix}-hub`);
  ddosPlan(context, 'left', {}, { waste: [{ kind: 'unused-ddos-protection-plan' }] });
  ddosPlan(context, 'used', { virtualNetworks: [{ id: network }] });

  endpoint(context, 'left', 'Disconnected', { waste: [{ kind: 'disconnected-private-endpoint' }] });
  endpoint(context, 'refused', 'Rejected', { waste: [{ kind: 'disconnected-private-endpoint' }] });
  endpoint(context, 'used', 'Approved');
  endpoint(context, 'asking', 'Pending');

  zone(context, 'left', 0, { waste: [{ kind: 'unlinked-private-dns-zone' }] });
  zone(context, 'used', 2);

  securityGroup(context, 'left', {}, { waste: [{ kind: 'orphaned-network-security-group' }] });
  securityGroup(context, 'used', { subnets: [{ id: `${network}/subnets/web` }] });
}

function ddosPlan(
  context: WorkloadContext,
  name: string,
  properties: object,
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.Network/ddosProtectionPlans',
    name: `ddos-${context.suffix}-${name}`,
    properties: { provisioningState: 'Succeeded', ...properties },
    meters: [{ meter: METERS.ddosPlan, dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

function securityGroup(
  context: WorkloadContext,
  name: string,
  properties: object,
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.Network/networkSecurityGroups',
    name: `nsg-${context.suffix}-${name}`,
    properties: { provisioningState: 'Succeeded', securityRules: [], defaultSecurityRules: [], ...properties },
    ...draft,
  });
}

function endpoint(context: WorkloadContext, name: string, status: string, draft: Partial<ResourceDraft> = {}): void {
  const connection = {
    name: `pe-${context.suffix}-${name}`,
    properties: {
      provisioningState: 'Succeeded',
      privateLinkServiceId: context.idOf('Microsoft.KeyVault/vaults', `kv-${context.suffix}-${name}`),
      groupIds: ['vault'],
      privateLinkServiceConnectionState: { status, description: '', actionsRequired: 'None' },
    },
  };
  const isManual = status === 'Pending';
  context.add({
    type: 'Microsoft.Network/privateEndpoints',
    name: `pe-${context.suffix}-${name}`,
    properties: {
      provisioningState: 'Succeeded',
      privateLinkServiceConnections: isManual ? [] : [connection],
      manualPrivateLinkServiceConnections: isManual ? [connection] : [],
    },
    meters: [{ meter: METERS.privateEndpoint, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

function zone(
  context: WorkloadContext,
  name: string,
  numberOfVirtualNetworkLinks: number,
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.Network/privateDnsZones',
    name: `${name}-${context.suffix}.internal.example`,
    location: 'global',
    properties: {
      provisioningState: 'Succeeded',
      numberOfRecordSets: 1 + numberOfVirtualNetworkLinks,
      numberOfVirtualNetworkLinks,
      numberOfVirtualNetworkLinksWithRegistration: 0,
      maxNumberOfRecordSets: 25_000,
    },
    meters: [{ meter: METERS.privateZone, dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}
