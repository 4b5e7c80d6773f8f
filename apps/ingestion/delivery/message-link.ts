import type { ToldRecommendation } from '#core/delivery.js';

/** Where a recommendation can be seen: `template` with what its placeholders stand for. */
export function messageLink(
  template: string,
  { id, azureTenantId, resourceId, subscriptionId }: ToldRecommendation,
): string {
  const parts: Record<string, string> = {
    recommendation_id: id,
    azure_tenant_id: azureTenantId,
    resource_id: encodeURI(resourceId ?? (subscriptionId ? `/subscriptions/${subscriptionId}` : '')),
  };
  return template.replace(/\{(recommendation_id|azure_tenant_id|resource_id)\}/g, (_, name: string) => parts[name]!);
}
