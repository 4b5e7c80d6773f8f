import { METERS } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;

/** Public addresses and network interfaces that nothing uses, and those that something does. */
export function plantedAddresses(context: WorkloadContext): void {
  const orphan = card(context, 'left', {}, { waste: [{ kind: 'orphaned-network-interface' }] });
  address(context, 'free', {}, { waste: [{ kind: 'orphaned-public-ip' }] });
  address(context, 'on-left', configurationOf(orphan), { waste: [{ kind: 'orphaned-public-ip' }] });

  const vmId = context.idOf('Microsoft.Compute/virtualMachines', `vm-${context.suffix}-off`);
  address(context, 'vm', configurationOf(card(context, 'vm', { virtualMachine: { id: vmId } })));
  const endpoint = context.idOf('Microsoft.Network/privateEndpoints', `pe-${context.suffix}-used`);
  card(context, 'pe', { privateEndpoint: { id: endpoint } });
  card(context, 'netapp', {
    linkedResourceType: 'Microsoft.Netapp/volumes',
    hostedWorkloads: [context.idOf('Microsoft.NetApp/netAppAccounts/capacityPools/volumes', 'files/pool/data')],
  });
  address(context, 'nat', { natGateway: { id: context.idOf('Microsoft.Network/natGateways', 'ng-hub') } });
  address(context, 'prefix', { publicIPPrefix: { id: context.idOf('Microsoft.Network/publicIPPrefixes', 'ipp-hub') } });
  address(context, 'service', {}, { tags: { 'cost-center': 'CC-1001', 'k8s-azure-service': 'shop/web' } });
  const balancer = context.idOf('Microsoft.Network/loadBalancers', `lb-basic-${context.suffix}`);
  address(
    context,
    'basic',
    { ipConfiguration: { id: `${balancer}/frontendIPConfigurations/web` } },
    {
      sku: { name: 'Basic', tier: 'Regional' },
      meters: [{ meter: METERS.basicPublicIp, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
      waste: [{ kind: 'basic-public-ip' }],
    },
  );
}

/** A standard static address, changed by `properties` and `draft`. */
function address(
  context: WorkloadContext,
  name: string,
  properties: object = {},
  draft: Partial<ResourceDraft> = {},
): Resource {
  return context.add({
    type: 'Microsoft.Network/publicIPAddresses',
    name: `pip-${context.suffix}-${name}`,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      publicIPAllocationMethod: 'Static',
      publicIPAddressVersion: 'IPv4',
      ipAddress: `203.0.113.${1 + context.random.below(250)}`,
      idleTimeoutInMinutes: 4,
      ...properties,
    },
    meters: [{ meter: METERS.publicIp, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

function card(context: WorkloadContext, name: string, use: object = {}, draft: Partial<ResourceDraft> = {}): Resource {
  return context.add({
    type: 'Microsoft.Network/networkInterfaces',
    name: `nic-${context.suffix}-${name}`,
    kind: 'Regular',
    properties: {
      provisioningState: 'Succeeded',
      hostedWorkloads: [],
      ipConfigurations: [{ name: 'ipconfig1', properties: { privateIPAddress: '10.0.9.4', primary: true } }],
      ...use,
    },
    ...draft,
  });
}

function configurationOf({ id }: Resource): object {
  return { ipConfiguration: { id: `${id}/ipConfigurations/ipconfig1` } };
}
