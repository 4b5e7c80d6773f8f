import { z } from 'zod';
import { listQuerySchema, listResponse, oneOf, tenantFilter, text, timestamp, uuid } from '../http/schemas.js';

export const exemptionId = z.strictObject({ id: uuid.describe('AzCops’ own id of the exemption') });

export const exemptionQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    rule: text(128).optional().describe('Of this rule alone'),
    active: oneOf(['true', 'false', 'any']).optional().describe('In force; default true'),
  },
  'created_at (default -created_at)',
);

export const exemption = z
  .object({
    id: z.guid(),
    tenant_id: z.guid(),
    rule: z.string().nullable().describe('Null: whatever the rule'),
    subscription_id: z.string().nullable(),
    resource_group: z.string().nullable(),
    resource_id: z.string().nullable(),
    reason: z.string(),
    author_id: z.string(),
    author_name: z.string().nullable(),
    expires_at: timestamp.nullable().describe('Null: until somebody ends it'),
    ended_at: timestamp.nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'Exemption' });

export const exemptionList = listResponse('ExemptionList', exemption);

export const newExemption = z
  .strictObject({
    tenant_id: uuid,
    rule: text(128).optional().describe('As in the recommendations, Advisor’s types too'),
    subscription_id: text(128).optional(),
    resource_group: text(128).optional().describe('Only together with subscription_id'),
    resource_id: text(2_000).optional(),
    reason: text(2_000).describe('Why nobody wants to hear about it'),
    expires_at: timestamp.optional().describe('When it ends by itself'),
  })
  .refine(({ rule, subscription_id, resource_id }) => rule ?? subscription_id ?? resource_id, {
    path: ['rule'],
    message: 'or subscription_id or resource_id must be given: an exemption from everything hides everything',
  })
  .refine(({ resource_group, subscription_id }) => resource_group === undefined || subscription_id !== undefined, {
    path: ['resource_group'],
    message: 'must be given together with subscription_id',
  })
  .meta({ id: 'NewExemption' });
