import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';

/** Application gateways of the retired generation. */
export const applicationGatewayV1 = defineRule({
  id: 'application-gateway-v1',
  title: 'Migrate the application gateway to v2',
  finds:
    'Application gateways of the tiers Standard and WAF, version 1, which was retired on 28 April 2026: they have no support and may be stopped. Version 2 scales by load.',
  leavesOut: ['gateways that are stopped, which serve nobody'],
  savings: 'None is claimed: version 2 is billed by capacity units, so that it depends on the load which is cheaper.',
  category: 'modernisation',
  action: 'upgrade',
  impact: 'High',
  risk: 'high',
  effort: 'high',
  resourceTypes: ['microsoft.network/applicationgateways'],
  needs: [],
  thresholds: {},
  runbook: {
    check: [
      'Version 2 needs a subnet of its own and a static Standard address: plan how DNS moves to it.',
      'See whether anything is behind it at all: **Backend health** of `{name}`.',
    ],
    azureCli: [
      'az network application-gateway show-backend-health --ids {id} --output table',
      'az network application-gateway show --ids {id} > {name}.json',
    ],
    portal: [
      'Run the migration script of the documentation, which makes a version 2 gateway beside it from the same settings; move DNS, watch the traffic, then delete `{name}`.',
    ],
    terraform:
      'Add an `azurerm_application_gateway` with `sku { name = "Standard_v2" tier = "Standard_v2" }` and `autoscale_configuration`, then remove the old one.',
    verify: [
      '`az network application-gateway show --query sku.tier` of the new one ends in `_v2`, and requests arrive there.',
    ],
    undo: ['Let DNS point to the old gateway while it still exists; a new one of version 1 can no longer be made.'],
  },
  links: [
    {
      title: 'Migrate from Application Gateway v1 to v2',
      url: 'https://learn.microsoft.com/azure/application-gateway/migrate-v1-v2',
    },
  ],
  evaluate(gateway) {
    const tier = textAt(gateway, 'properties.sku.tier') ?? textAt(gateway, 'sku.tier');
    if (tier === undefined) return undecided('no_tier');
    if (!/^(standard|waf)$/i.test(tier)) return fine('current');
    if (/^stopped$/i.test(textAt(gateway, 'properties.operationalState') ?? '')) return fine('stopped');
    return found({
      reason: `The gateway is of the retired tier ${tier}.`,
      evidence: {
        tier,
        sku: textAt(gateway, 'properties.sku.name') ?? null,
        instances: numberAt(gateway, 'properties.sku.capacity') ?? null,
      },
      saving: null,
      certainty: 0.98,
    });
  },
});
