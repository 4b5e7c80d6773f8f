import { z } from 'zod';
import { listQuerySchema, listResponse, text, timestamp, uuid } from '../http/schemas.js';

const type = z.enum(['internal', 'external'], 'must be internal or external');
/** Names `AZURE_CREDENTIAL_{REF}_CLIENT_ID` and its siblings in the worker's environment; never a secret itself. */
const credentialRef = z
  .string()
  .regex(/^[A-Z0-9_]{1,64}$/, 'must be capital letters, digits and underscores: it names configured credentials')
  .nullable();

export const tenantId = z.strictObject({ id: uuid.describe('AzCops’ own id of the tenant') });

export const newTenant = z
  .strictObject({
    name: text(),
    type: type.default('external'),
    azure_tenant_id: z.guid('must be a GUID').describe('The tenant’s id in Entra ID'),
    credential_ref: credentialRef
      .optional()
      .describe('Names configured credentials (AZURE_CREDENTIAL_{REF}_…); null: the default ones'),
  })
  .meta({ id: 'NewTenant' });

export const tenantChange = z
  .strictObject({ name: text().optional(), type: type.optional(), credential_ref: credentialRef.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'TenantChange' });

export const tenantQuery = listQuerySchema(
  {
    type: type.optional().describe('internal: the operator’s own; external: a customer’s'),
    azure_tenant_id: z.guid('must be a GUID').optional().describe('The tenant’s id in Entra ID'),
    q: text().optional().describe('Part of the name'),
  },
  'name (default), created_at',
);

export const tenant = z
  .object({
    id: z.guid(),
    name: z.string(),
    type,
    azure_tenant_id: z.string(),
    credential_ref: z.string().nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Tenant' });

export const tenantList = listResponse('TenantList', tenant);
