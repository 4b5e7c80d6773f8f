import { daysBetween, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** ExpressRoute circuits that are paid for and lead nowhere. */
export const unprovisionedExpressRouteCircuit = defineRule({
  id: 'unprovisioned-expressroute-circuit',
  title: 'Delete the ExpressRoute circuit that was never provisioned',
  finds:
    'ExpressRoute circuits that the connectivity provider has not provisioned, or no longer does. Azure bills a circuit ' +
    'from the moment its service key is issued.',
  leavesOut: [
    'circuits that are being provisioned or taken back',
    'circuits on ports of ExpressRoute Direct, where no provider takes part',
    'circuits that were ordered only lately',
  ],
  savings: 'What the circuit itself cost in the last 30 days; what the provider charges comes on top.',
  category: 'waste',
  action: 'remove',
  impact: 'High',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.network/expressroutecircuits'],
  needs: ['costs'],
  thresholds: {
    orderedDays: {
      default: 21,
      minimum: 0,
      maximum: 30,
      unit: 'days',
      meaning: 'For how long a circuit must have been charged, or been known',
    },
  },
  runbook: {
    check: [
      'Ask the network team and the provider whether the order is still open; it can take weeks.',
      'Where the provider has ended the line, see that no contract with him goes on.',
    ],
    azureCli: [
      'az network express-route show --ids {id} --query "{provider:serviceProviderProvisioningState, circuit:circuitProvisioningState, key:serviceKey}"',
      'az network express-route delete --ids {id}',
    ],
    portal: [
      'Open **ExpressRoute circuits**, choose `{name}`, see that **Provider status** is not **Provisioned**, then **Delete**.',
    ],
    terraform: 'Remove the `azurerm_express_route_circuit` for `{name}` with its peerings, then apply.',
    verify: ['`az network express-route show --ids {id}` answers ResourceNotFound.'],
    undo: ['It cannot be undone: a new circuit has a new service key, which the provider must be given.'],
  },
  links: [
    {
      title: 'ExpressRoute workflows and circuit states',
      url: 'https://learn.microsoft.com/azure/expressroute/expressroute-workflows',
    },
  ],
  evaluate(circuit, { estate, thresholds, now }) {
    if (valueAt(circuit, 'properties.expressRoutePort') !== undefined) return fine('direct_port');
    const state = textAt(circuit, 'properties.serviceProviderProvisioningState');
    if (state === undefined) return undecided('no_provider_state');
    if (state.toLowerCase() === 'provisioned') return fine('provisioned');
    if (/^(provisioning|deprovisioning)$/i.test(state)) return fine('in_progress');
    const cost = estate.costOf(circuit.resourceId);
    // Resource Graph does not say since when a circuit exists. Its charges do, and so does having seen it.
    const days = Math.max(cost?.days ?? 0, Math.floor(daysBetween(circuit.firstSeenAt, now)));
    if (days < thresholds.orderedDays) return cost ? fine('ordered_lately') : undecided('age_unknown');
    return found({
      reason: `The provider has not provisioned the circuit, which has existed for at least ${days} days.`,
      evidence: {
        provider_state: state,
        circuit_state: textAt(circuit, 'properties.circuitProvisioningState') ?? null,
        provider: textAt(circuit, 'properties.serviceProviderProperties.serviceProviderName') ?? null,
        sku: textAt(circuit, 'sku.name') ?? null,
        known_days: days,
      },
      saving: measured(cost),
      certainty: 0.85,
    });
  },
});
