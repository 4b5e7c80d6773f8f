import type { InventoryResource } from '#core/facts.js';
import { listAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** Private endpoints whose service is gone or has turned them away. */
export const disconnectedPrivateEndpoint = defineRule({
  id: 'disconnected-private-endpoint',
  title: 'Delete the disconnected private endpoint',
  finds:
    'Private endpoints all of whose connections are disconnected or rejected: the service was deleted, or its owner ' +
    'turned them away. Nothing can be reached through them, and they cannot be connected again.',
  leavesOut: ['endpoints that wait for approval'],
  savings: 'What the endpoint itself cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.network/privateendpoints'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Look whether the service `{evidence.service}` still exists; if it does, ask its owner why the connection was ended.',
      'Look for records in private DNS zones that lead to the endpoint’s address.',
    ],
    azureCli: [
      'az network private-endpoint show --ids {id} --query "{states:privateLinkServiceConnections[].privateLinkServiceConnectionState.status, manual:manualPrivateLinkServiceConnections[].privateLinkServiceConnectionState.status}"',
      'az network private-endpoint delete --ids {id}',
    ],
    portal: ['Open **Private endpoints**, choose `{name}`, see its **Connection status**, then **Delete**.'],
    terraform: 'Remove the `azurerm_private_endpoint` for `{name}`, then apply.',
    verify: ['`az network private-endpoint show --ids {id}` answers ResourceNotFound; the charges end with the hour.'],
    undo: [
      'Make a new endpoint to the service and have it approved; a disconnected one could not have been used again anyway.',
    ],
  },
  links: [
    {
      title: 'Manage private endpoints, connection states',
      url: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
    },
  ],
  evaluate(endpoint, { estate }) {
    const connections = connectionsOf(endpoint);
    if (connections.length === 0 || connections.some(({ state }) => state === undefined))
      return undecided('no_connection_state');
    if (connections.some(({ state }) => state!.toLowerCase() === 'approved')) return fine('connected');
    if (!connections.every(({ state }) => /^(disconnected|rejected)$/i.test(state!))) return fine('waits_for_approval');
    const { state, service, groups } = connections[0]!;
    return found({
      reason: `The endpoint’s connection is ${state!.toLowerCase()}.`,
      evidence: { connection_state: state, service: service ?? null, group_ids: groups },
      saving: measured(estate.costOf(endpoint.resourceId)),
      certainty: 0.95,
    });
  },
});

/** The connections that were approved by right and those that somebody had to approve. */
function connectionsOf(endpoint: InventoryResource) {
  return ['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections'].flatMap((list) =>
    listAt(endpoint, `properties.${list}`).map((_, index) => {
      const connection = `properties.${list}.${index}.properties`;
      return {
        state: textAt(endpoint, `${connection}.privateLinkServiceConnectionState.status`),
        service: textAt(endpoint, `${connection}.privateLinkServiceId`),
        groups: listAt(endpoint, `${connection}.groupIds`),
      };
    }),
  );
}
