import { z } from 'zod';
import { listQuerySchema, listResponse, tenantFilter, text, timestamp } from '../http/schemas.js';

export const auditLogQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    action: text(64).optional().describe('tenant.create, subscription.update, ingestion.trigger …'),
    object_type: text(64).optional().describe('tenant, subscription, ingestion_run …'),
    object_id: text(256).optional().describe('AzCops’ own id of what was written'),
    actor_id: text(256).optional().describe('Object id of the principal that acted'),
  },
  'created_at (default -created_at)',
);

const auditLog = z
  .object({
    id: z.guid(),
    tenant_id: z.guid().nullable(),
    actor_tenant_id: z.string().nullable(),
    actor_id: z.string(),
    actor_name: z.string().nullable(),
    action: z.string(),
    object_type: z.string(),
    object_id: z.string(),
    changes: z.record(z.string(), z.unknown()),
    correlation_id: z.string().nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'AuditLog' });

export const auditLogList = listResponse('AuditLogList', auditLog);
