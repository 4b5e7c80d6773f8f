import type { SubscriptionRecord } from '#core/records.js';
import { isObject, textOrNull } from '../azure/json-body.js';

const STATES: ReadonlySet<string> = new Set<SubscriptionRecord['state']>([
  'Enabled',
  'Warned',
  'PastDue',
  'Disabled',
  'Deleted',
]);

/** One item of `GET /subscriptions` as a record, or null when it lacks an id. An unfamiliar state is `Unknown`. */
export function toSubscription(item: unknown): SubscriptionRecord | null {
  if (!isObject(item)) return null;
  const subscriptionId = textOrNull(item['subscriptionId'])?.toLowerCase();
  if (!subscriptionId) return null;
  const state = textOrNull(item['state']) ?? '';
  const policies = isObject(item['subscriptionPolicies']) ? item['subscriptionPolicies'] : {};
  return {
    subscriptionId,
    displayName: textOrNull(item['displayName']) ?? subscriptionId,
    state: STATES.has(state) ? (state as SubscriptionRecord['state']) : 'Unknown',
    quotaId: textOrNull(policies['quotaId']),
    homeTenantId: textOrNull(item['tenantId'])?.toLowerCase() ?? null,
    managedBy: managingTenants(item['managedByTenants']),
  };
}

function managingTenants(value: unknown): string[] {
  const tenants = Array.isArray(value) ? value : [];
  return tenants.flatMap((tenant: unknown) => {
    const id = isObject(tenant) ? textOrNull(tenant['tenantId']) : null;
    return id ? [id.toLowerCase()] : [];
  });
}
