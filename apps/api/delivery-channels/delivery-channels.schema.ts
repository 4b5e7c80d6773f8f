import { z } from 'zod';
import { CHANNEL_KINDS, EVENT_KINDS } from '#core/delivery.js';
import { channels } from '#delivery/registry.js';
import { listQuerySchema, listResponse, tenantFilter, text, timestamp, uuid } from '../http/schemas.js';

const kind = z.enum(CHANNEL_KINDS, `must be among ${CHANNEL_KINDS.join(', ')}`);
const digest = z.enum(['each', 'daily'], 'must be each or daily');
/** Names `DELIVERY_SECRET_{REF}_…` in the worker's environment; never a secret itself. */
const secretRef = z
  .string()
  .regex(/^[A-Z0-9_]{1,64}$/, 'must be capital letters, digits and underscores: it names a configured secret');

const distinct = <Member extends z.ZodType>(member: Member) =>
  z
    .array(member)
    .min(1, 'must not be empty')
    .max(1_000, 'must have at most 1000 members')
    .transform((members) => [...new Set(members)]);

const filter = z
  .strictObject({
    event_kinds: distinct(z.enum(EVENT_KINDS, `must be among ${EVENT_KINDS.join(', ')}`)).optional(),
    categories: distinct(text(64)).optional(),
    rules: distinct(text()).optional(),
    subscription_ids: distinct(text(128).transform((id) => id.toLowerCase()))
      .optional()
      .describe('The provider’s ids'),
    minimum_monthly_savings: z
      .record(
        z.string().regex(/^[A-Z]{3}$/, 'must be a currency'),
        z.string().regex(/^\d{1,15}(\.\d{1,10})?$/, 'must be a decimal string'),
      )
      .optional()
      .describe('By currency; one that is not named has no minimum, and unknown savings do not reach any'),
  })
  .describe('What the channel is told of; a member left out lets everything through');

/** Every member that some kind knows; which belong to a kind is checked by the kind. */
const options = z
  .strictObject(Object.assign({}, ...[...channels.values()].map((channel) => channel.options.partial().shape)))
  .describe('What the kind needs to know; docs/delivery.md has an example of each');

const members = {
  name: text(128),
  url: text(2_000)
    .nullable()
    .optional()
    .describe('Where messages go: webhook, servicenow, jira. Slack and Teams have theirs in the secret'),
  secret_ref: secretRef.describe('Names a configured secret (DELIVERY_SECRET_{REF}_…)'),
  options: options.optional(),
  filter: filter.optional(),
  digest: digest.optional().describe('each event at once, or one message a day'),
  enabled: z.boolean('must be true or false').optional().describe('While false nothing is collected and nothing sent'),
};

export const channelId = z.strictObject({ id: uuid.describe('AzCops’ own id of the channel') });

export const newDeliveryChannel = z
  .strictObject({ tenant_id: uuid, kind, ...members })
  .meta({ id: 'NewDeliveryChannel' });

export const deliveryChannelChange = z
  .strictObject({ ...members, name: members.name.optional(), secret_ref: members.secret_ref.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'DeliveryChannelChange' });

export const deliveryChannelQuery = listQuerySchema(
  { tenant_id: tenantFilter, kind: kind.optional().describe('Only channels of this kind') },
  'name (default), created_at',
);

export const deliveryChannel = z
  .object({
    id: z.guid(),
    tenant_id: z.guid(),
    name: z.string(),
    kind,
    url: z.string().nullable().describe('Without path and query, which may be secret'),
    secret_ref: z.string(),
    options: z.record(z.string(), z.unknown()),
    filter: z.record(z.string(), z.unknown()),
    digest,
    enabled: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'DeliveryChannel' });

export const deliveryChannelList = listResponse('DeliveryChannelList', deliveryChannel);

export const queuedTest = z.object({ delivery_id: z.guid(), status_url: z.string() }).meta({ id: 'QueuedTest' });
