import { z } from 'zod';
import { listQuerySchema, listResponse, text, timestamp, uuid } from '../http/schemas.js';

export const auditLogQuery = listQuerySchema({
  tenant_id: uuid.optional(),
  action: text(64).optional(),
  object_type: text(64).optional(),
  object_id: text(256).optional(),
  actor_id: text(256).optional(),
});

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
