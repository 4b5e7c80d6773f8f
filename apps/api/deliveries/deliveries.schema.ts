import { z } from 'zod';
import { CHANNEL_KINDS, EVENT_KINDS } from '#core/delivery.js';
import { day, listQuerySchema, listResponse, tenantFilter, timestamp, uuid } from '../http/schemas.js';

const STATUSES = ['pending', 'collected', 'delivered', 'failed'] as const;
const status = z.enum(STATUSES, `must be among ${STATUSES.join(', ')}`);

export const deliveryId = z.strictObject({ id: uuid.describe('AzCops’ own id of the delivery') });

export const deliveryQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    channel_id: uuid.optional().describe('AzCops’ own id of the channel'),
    recommendation_id: uuid.optional().describe('AzCops’ own id of the recommendation'),
    status: status.optional().describe('Only deliveries that stand so'),
  },
  'created_at (default -created_at)',
);

export const delivery = z
  .object({
    id: z.guid().describe('Also the key by which receivers tell a repetition'),
    tenant_id: z.guid(),
    channel_id: z.guid(),
    channel_name: z.string(),
    channel_kind: z.enum(CHANNEL_KINDS),
    kind: z.enum(['event', 'digest', 'test']),
    event_id: z.string().nullable(),
    event_kind: z.enum(EVENT_KINDS).nullable(),
    recommendation_id: z.guid().nullable(),
    digest_id: z.guid().nullable().describe('The digest that tells of it'),
    digest_day: day.nullable().describe('Of a digest'),
    status: status.describe('collected: waits for, or was told with, the digest of its channel'),
    attempts: z.number().int(),
    next_attempt_at: timestamp.nullable().describe('While pending'),
    finished_at: timestamp.nullable(),
    reason: z.string().nullable().describe('Why the last attempt did not deliver'),
    action: z.string().nullable().describe('What to do about it'),
    response_status: z.number().int().nullable(),
    external_ref: z.string().nullable().describe('The ticket’s key'),
    external_url: z.string().nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'Delivery' });

export const deliveryList = listResponse('DeliveryList', delivery);
