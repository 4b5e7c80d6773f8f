import { z } from 'zod';
import { listQuerySchema, listResponse, tenantFilter, text, timestamp, uuid } from '../http/schemas.js';

export const subscriptionId = z.strictObject({ id: uuid.describe('AzCops’ own id of the subscription') });

export const newSubscription = z
  .strictObject({
    tenant_id: uuid,
    provider: text(64).default('Microsoft'),
    subscription_id: text(128).describe('The provider’s id; a GUID for Microsoft'),
    display_name: text().optional().describe('The subscription’s id when absent'),
    billing_scope: text(512).nullable().optional(),
  })
  .refine(({ provider, subscription_id }) => provider !== 'Microsoft' || z.guid().safeParse(subscription_id).success, {
    path: ['subscription_id'],
    message: 'must be a GUID for the provider Microsoft',
  })
  .meta({ id: 'NewSubscription' });

export const subscriptionChange = z
  .strictObject({ display_name: text().optional(), billing_scope: text(512).nullable().optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'SubscriptionChange' });

export const subscriptionQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    provider: text(64).optional().describe('Microsoft, or the cloud that an import names'),
    subscription_id: text(128).optional().describe('The provider’s id'),
    state: text(32).optional().describe('As the provider says it: Enabled, Disabled, Warned …'),
    q: text().optional().describe('Part of the name'),
  },
  'display_name (default), subscription_id, created_at',
);

export const subscription = z
  .object({
    id: z.guid(),
    tenant_id: z.guid(),
    provider: z.string(),
    subscription_id: z.string(),
    display_name: z.string(),
    state: z.string(),
    quota_id: z.string().nullable(),
    billing_scope: z.string().nullable(),
    home_tenant_id: z.string().nullable().describe('Entra tenant it lives in; another than yours when delegated'),
    managed_by: z.array(z.string()).describe('Entra tenants it is delegated to (Azure Lighthouse)'),
    source: z.enum(['manual', 'discovery', 'import']),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Subscription' });

export const subscriptionList = listResponse('SubscriptionList', subscription);
