import { z } from 'zod';
import { COST_DIMENSIONS } from '#db/repositories/cost-groups.js';
import {
  day,
  decimal,
  givenDay,
  listQuerySchema,
  listResponse,
  orderedDays,
  tenantFilter,
  text,
  timestamp,
  uuid,
} from '../http/schemas.js';

const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be a currency code of three letters')
  .transform((value) => value.toUpperCase());

const filters = {
  tenant_id: tenantFilter,
  subscription_id: text(128).optional().describe('The provider’s id'),
  provider: text(64).optional().describe('Microsoft, or the cloud that an import names'),
  currency: currency.optional().describe('Billing currency, ISO 4217'),
};

const from = givenDay.optional().describe('First day (UTC), inclusive');
const to = givenDay.optional().describe('Last day (UTC), inclusive');

const dimensions = z
  .array(z.enum(COST_DIMENSIONS, `must be among ${COST_DIMENSIONS.join(', ')}`))
  .min(1)
  .max(3, 'must be three at most')
  .refine((names) => new Set(names).size === names.length, 'must not repeat');

/** `group_by=provider,service_name`, or the parameter repeated. */
const groupBy = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((part) => part.split(',').map((name) => name.trim())))
  .pipe(dimensions)
  .meta({
    type: 'string',
    example: 'provider,service_name',
    description: `Up to three of ${COST_DIMENSIONS.join(', ')}`,
  });

export const costQuery = orderedDays(
  listQuerySchema(
    {
      ...filters,
      from,
      to,
      service_name: text().optional().describe('Exactly as in the records'),
      resource_group: text().optional().describe('In any case'),
      meter_category: text().optional().describe('Exactly as in the records'),
      resource_id: text(2_000).optional().describe('Full resource id, in any case'),
      group_by: groupBy.optional(),
      granularity: z
        .enum(['daily', 'monthly', 'none'], 'must be daily, monthly or none')
        .optional()
        .describe('Period of the sums; daily when group_by is given. Alone it sums everything per period'),
    },
    'date (default), cost, amortized_cost; currency when granularity is none',
  ),
);

export const summaryQuery = orderedDays(
  z.strictObject({ ...filters, service_name: text().optional().describe('Exactly as in the records'), from, to }),
);

export const revisionQuery = orderedDays(
  listQuerySchema(
    { ...filters, from, to, run_id: uuid.optional().describe('Run that published the change') },
    'revised_at (default -revised_at), date',
  ),
);

const amounts = {
  currency: z.string(),
  cost: decimal.nullable().describe('Billed cost; null where no dataset carries it'),
  amortized_cost: decimal.nullable().describe('Effective cost; null where no dataset carries it'),
};

const dimension = z.string().nullable();

/** Grouped records carry only what they are grouped by. */
const cost = z
  .object({
    date: day.optional(),
    provider: z.string().optional(),
    tenant_id: z.guid().optional(),
    subscription_id: dimension.optional(),
    resource_group: dimension.optional(),
    service_name: dimension.optional(),
    meter_category: dimension.optional(),
    charge_type: dimension.optional(),
    pricing_model: dimension.optional(),
    publisher: dimension.optional(),
    location: dimension.optional(),
    resource_id: dimension.optional(),
    ...amounts,
  })
  .meta({ id: 'Cost' });

/** Columns of the CSV file of records; the same order as in the JSON answer. */
export const COST_COLUMNS = [
  'date',
  'provider',
  'tenant_id',
  'subscription_id',
  'resource_group',
  'service_name',
  'meter_category',
  'charge_type',
  'pricing_model',
  'publisher',
  'location',
  'resource_id',
  'currency',
  'cost',
  'amortized_cost',
] as const;

export const costList = listResponse('CostList', cost);

export const costSummary = z
  .object({
    from: day,
    to: day,
    previous: z.object({ from: day, to: day }),
    totals: z.array(
      z.object({
        ...amounts,
        previous_cost: decimal.nullable(),
        previous_amortized_cost: decimal.nullable(),
        change_ratio: decimal.nullable().describe('(cost − previous_cost) ÷ |previous_cost|'),
        reason: z.string().nullable().describe('Why there is no change_ratio'),
      }),
    ),
    by_service: z.array(z.object({ service_name: dimension, ...amounts })),
    by_provider: z.array(z.object({ provider: z.string(), ...amounts })),
    daily: z.array(z.object({ date: day, ...amounts })),
    as_of: timestamp.nullable().describe('Latest publication that the answer rests on'),
    incomplete: z.array(
      z.object({
        tenant_id: z.guid(),
        provider: z.string(),
        subscription_id: z
          .string()
          .nullable()
          .describe('Null for costs of a billing account that have no subscription'),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'CostSummary' });

const revision = z
  .object({
    tenant_id: z.guid(),
    date: day,
    source: z.string(),
    provider: z.string(),
    billing_account_id: z.string().nullable(),
    subscription_id: z.string().nullable(),
    currency: z.string(),
    old_cost: decimal.nullable(),
    new_cost: decimal.nullable(),
    old_amortized_cost: decimal.nullable(),
    new_amortized_cost: decimal.nullable(),
    old_rows: z.number().int(),
    new_rows: z.number().int(),
    run_id: z.guid().nullable(),
    revised_at: timestamp,
  })
  .meta({ id: 'CostRevision' });

export const revisionList = listResponse('CostRevisionList', revision);
