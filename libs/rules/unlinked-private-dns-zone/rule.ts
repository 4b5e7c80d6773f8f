import { numberAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { isKubernetesManaged } from '../tags.js';

/** Private DNS zones that nobody can ask. */
export const unlinkedPrivateDnsZone = defineRule({
  id: 'unlinked-private-dns-zone',
  title: 'Delete the unlinked private DNS zone',
  finds: 'Private DNS zones without a link to any virtual network: nobody can resolve their names.',
  leavesOut: ['zones that Kubernetes made for private clusters'],
  savings: 'What the zone itself cost in the last 30 days, which is little.',
  category: 'waste',
  action: 'remove',
  impact: 'Low',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.network/privatednszones'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Look at its records: a zone with many may only have lost its link, and what is missing is the link.',
      'Ask the network team whether it waits for a network that is yet to come.',
    ],
    azureCli: [
      'az network private-dns record-set list --resource-group {resource_group} --zone-name {name} --output table',
      'az network private-dns zone export --resource-group {resource_group} --name {name} --file-name {name}.txt',
      'az network private-dns zone delete --ids {id}',
    ],
    portal: [
      'Open **Private DNS zones**, choose `{name}`, see that **Virtual network links** is empty, note its **Recordsets**, then **Delete**.',
    ],
    terraform: 'Remove the `azurerm_private_dns_zone` for `{name}` and its records, then apply.',
    verify: ['`az network private-dns zone show --ids {id}` answers ResourceNotFound.'],
    undo: [
      'Import the exported file: `az network private-dns zone import --resource-group {resource_group} --name {name} --file-name {name}.txt`.',
    ],
  },
  links: [
    {
      title: 'What is a virtual network link?',
      url: 'https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links',
    },
  ],
  evaluate(zone, { estate }) {
    const links = numberAt(zone, 'properties.numberOfVirtualNetworkLinks');
    if (links === undefined) return undecided('no_number_of_links');
    if (links > 0) return fine('linked');
    if (isKubernetesManaged(zone)) return fine('kubernetes');
    const records = numberAt(zone, 'properties.numberOfRecordSets');
    return found({
      reason: 'The zone is linked to no virtual network.',
      evidence: { virtual_network_links: 0, record_sets: records ?? null },
      saving: measured(estate.costOf(zone.resourceId)),
      // A new zone has one record, its start of authority. What somebody filled is likelier to miss its link.
      certainty: records === 1 ? 0.95 : 0.8,
    });
  },
});
