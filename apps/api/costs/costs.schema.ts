import { z } from 'zod';
import { COST_DIMENSIONS } from '#db/repositories/cost.repository.js';
import { day, decimal, listQuerySchema, listResponse, orderedDays, text, timestamp, uuid } from '../http/schemas.js';

const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be a currency code of three letters')
  .transform((value) => value.toUpperCase());

const filters = {
  tenant_id: uuid.optional(),
  subscription_id: text(128).optional(),
  provider: text(64).optional(),
  currency: currency.optional(),
};

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
  listQuerySchema({
    ...filters,
    from: day.optional(),
    to: day.optional(),
    service_name: text().optional(),
    resource_group: text().optional(),
    meter_category: text().optional(),
    resource_id: text(2_000).optional(),
    group_by: groupBy.optional(),
    granularity: z.enum(['daily', 'monthly', 'none'], 'must be daily, monthly or none').optional(),
  }),
);

export const summaryQuery = orderedDays(
  z.strictObject({ ...filters, service_name: text().optional(), from: day.optional(), to: day.optional() }),
);

export const revisionQuery = orderedDays(
  listQuerySchema({ ...filters, from: day.optional(), to: day.optional(), run_id: uuid.optional() }),
);

const amounts = { currency: z.string(), cost: decimal.nullable(), amortized_cost: decimal.nullable() };

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
        change_ratio: decimal.nullable(),
        reason: z.string().nullable(),
      }),
    ),
    by_service: z.array(z.object({ service_name: dimension, ...amounts })),
    by_provider: z.array(z.object({ provider: z.string(), ...amounts })),
    daily: z.array(z.object({ date: day, ...amounts })),
    as_of: timestamp.nullable(),
    incomplete: z.array(
      z.object({ tenant_id: z.guid(), provider: z.string(), subscription_id: z.string(), reason: z.string() }),
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
