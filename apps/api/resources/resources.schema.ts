import { z } from 'zod';
import { listQuerySchema, listResponse, text, timestamp, uuid } from '../http/schemas.js';

export const resourceQuery = listQuerySchema({
  tenant_id: uuid.optional(),
  subscription_id: text(128).optional(),
  type: text().optional(),
  location: text(64).optional(),
  resource_group: text().optional(),
  tag: text(800).optional().describe('A tag’s name, or name:value'),
  q: text().optional().describe('Part of the name'),
  include_deleted: z
    .enum(['true', 'false'], 'must be true or false')
    .transform((value) => value === 'true')
    .optional(),
});

const resource = z
  .object({
    tenant_id: z.guid(),
    resource_id: z.string(),
    original_id: z.string(),
    subscription_id: z.string(),
    name: z.string(),
    type: z.string(),
    kind: z.string().nullable(),
    location: z.string().nullable(),
    resource_group: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    sku: z.record(z.string(), z.unknown()).nullable(),
    properties: z.record(z.string(), z.unknown()),
    first_seen_at: timestamp,
    last_seen_at: timestamp,
    deleted_at: timestamp.nullable(),
  })
  .meta({ id: 'Resource' });

export const resourceList = listResponse('ResourceList', resource);
