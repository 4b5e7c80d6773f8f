import { textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** VPN and ExpressRoute gateways that connect nothing. */
export const idleVirtualNetworkGateway = defineRule({
  id: 'idle-virtual-network-gateway',
  title: 'Delete the virtual network gateway without connections',
  finds:
    'VPN and ExpressRoute gateways that no connection begins or ends at. They are billed by the hour from the moment ' +
    'they exist.',
  leavesOut: ['gateways that people dial in to (point-to-site)', 'gateways of other kinds than VPN and ExpressRoute'],
  savings: 'What the gateway itself cost in the last 30 days; its public addresses are charged for themselves.',
  category: 'waste',
  action: 'remove',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.network/virtualnetworkgateways'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the network team whether a connection is about to be set up: a gateway takes up to 45 minutes to make anew, and a VPN gateway may get another public address.',
      'Look whether other networks use it through peering (**Use the remote virtual network’s gateway**).',
    ],
    azureCli: [
      'az network vpn-connection list --resource-group {resource_group} --query "[].{name:name, gateway:virtualNetworkGateway1.id, peer:virtualNetworkGateway2.id}"',
      'az network vnet-gateway show --ids {id}',
      'az network vnet-gateway delete --ids {id}',
    ],
    portal: ['Open **Virtual network gateways**, choose `{name}`, see that **Connections** is empty, then **Delete**.'],
    terraform: 'Remove the `azurerm_virtual_network_gateway` for `{name}`, then apply.',
    verify: ['`az network vnet-gateway show --ids {id}` answers ResourceNotFound; the charges end with the hour.'],
    undo: [
      'Make it anew from its exported template: up to 45 minutes; the other side may have to learn a new address and key.',
    ],
  },
  links: [
    {
      title: 'Delete a virtual network gateway',
      url: 'https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-delete-vnet-gateway-portal',
    },
  ],
  evaluate(gateway, { estate }) {
    const kind = textAt(gateway, 'properties.gatewayType');
    if (kind === undefined) return undecided('no_gateway_type');
    if (!/^(vpn|expressroute)$/i.test(kind)) return fine('other_kind');
    if (valueAt(gateway, 'properties.vpnClientConfiguration') !== undefined) return fine('point_to_site');
    // A connection lies in the subscription of the gateway that it begins at; one between two networks is made on each
    // side, so that either end is seen here.
    const connections = estate.referringTo(
      gateway.resourceId,
      'connections of gateways',
      'microsoft.network/connections',
      (connection) => [
        textAt(connection, 'properties.virtualNetworkGateway1.id'),
        textAt(connection, 'properties.virtualNetworkGateway2.id'),
      ],
    );
    if (connections.length > 0) return fine('connected');
    const sku = textAt(gateway, 'properties.sku.name') ?? null;
    return found({
      reason: `No connection begins or ends at the ${/^vpn$/i.test(kind) ? 'VPN' : 'ExpressRoute'} gateway.`,
      evidence: { gateway_type: kind, sku, connections: 0 },
      saving: measured(estate.costOf(gateway.resourceId)),
      certainty: 0.9,
    });
  },
});
