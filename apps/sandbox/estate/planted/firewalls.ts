import { METERS } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;

/** Premium firewalls: one that is no more than a standard one, and those that use what they are paid for. */
export function plantedFirewalls(context: WorkloadContext): void {
  const base = policy(context, 'base', { intrusionDetection: { mode: 'Deny' } });
  firewall(context, 'plain', policy(context, 'plain', { intrusionDetection: { mode: 'Off' } }), {
    waste: [{ kind: 'premium-firewall-without-premium-features' }],
  });
  firewall(context, 'watching', policy(context, 'watching', { intrusionDetection: { mode: 'Alert' } }));
  firewall(context, 'child', policy(context, 'child', { basePolicy: { id: base.id } }));
}

function policy(context: WorkloadContext, name: string, properties: object): Resource {
  return context.add({
    type: 'Microsoft.Network/firewallPolicies',
    name: `afwp-${context.suffix}-${name}`,
    properties: { provisioningState: 'Succeeded', sku: { tier: 'Premium' }, threatIntelMode: 'Alert', ...properties },
  });
}

function firewall(context: WorkloadContext, name: string, { id }: Resource, draft: Partial<ResourceDraft> = {}): void {
  context.add({
    type: 'Microsoft.Network/azureFirewalls',
    name: `afw-${context.suffix}-${name}`,
    properties: {
      provisioningState: 'Succeeded',
      sku: { name: 'AZFW_VNet', tier: 'Premium' },
      threatIntelMode: 'Alert',
      ipConfigurations: [{ name: 'configuration', properties: { privateIPAddress: '10.0.1.4' } }],
      firewallPolicy: { id },
    },
    meters: [{ meter: METERS.premiumFirewall, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}
