import { z } from 'zod';
import { listQuerySchema, listResponse, tenantFilter, text, timestamp } from '../http/schemas.js';

export const resourceQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    subscription_id: text(128).optional().describe('The provider’s id'),
    type: text().optional().describe('As in Azure, in any case: microsoft.compute/virtualmachines'),
    location: text(64).optional().describe('Azure region, for example westeurope'),
    resource_group: text().optional().describe('In any case'),
    tag: text(800).optional().describe('A tag’s name, or name:value; both are case-sensitive'),
    q: text().optional().describe('Part of the name'),
    include_deleted: z
      .enum(['true', 'false'], 'must be true or false')
      .transform((value) => value === 'true')
      .optional()
      .describe('Also what exists no longer; default false'),
  },
  'resource_id (default), name, type, last_seen_at',
);

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
    managed_by: z.string().nullable().describe('What it belongs to, e.g. the machine of a disk'),
    tags: z.record(z.string(), z.string()),
    sku: z.record(z.string(), z.unknown()).nullable(),
    properties: z.record(z.string(), z.unknown()),
    first_seen_at: timestamp,
    last_seen_at: timestamp,
    deleted_at: timestamp.nullable(),
  })
  .meta({ id: 'Resource' });

/** Columns of the CSV file; `properties` are in the JSON answer alone, because they burst a spreadsheet's cells. */
export const RESOURCE_COLUMNS = [
  'tenant_id',
  'subscription_id',
  'resource_group',
  'managed_by',
  'name',
  'type',
  'kind',
  'location',
  'tags',
  'sku',
  'resource_id',
  'original_id',
  'first_seen_at',
  'last_seen_at',
  'deleted_at',
] as const;

export const resourceList = listResponse('ResourceList', resource);
