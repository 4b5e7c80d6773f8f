import { z } from 'zod';
import { listQuerySchema, listResponse, text, timestamp, uuid } from '../http/schemas.js';

export const subscriptionId = z.strictObject({ id: uuid });

export const newSubscription = z
  .strictObject({
    tenant_id: uuid,
    provider: text(64).default('Microsoft'),
    subscription_id: text(128),
    display_name: text().optional(),
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

export const subscriptionQuery = listQuerySchema({
  tenant_id: uuid.optional(),
  provider: text(64).optional(),
  subscription_id: text(128).optional(),
  state: text(32).optional(),
  q: text().optional(),
});

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
    source: z.enum(['manual', 'discovery', 'import']),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Subscription' });

export const subscriptionList = listResponse('SubscriptionList', subscription);
