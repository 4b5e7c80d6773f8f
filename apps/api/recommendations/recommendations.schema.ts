import { z } from 'zod';
import { decimal, listQuerySchema, listResponse, tenantFilter, text, timestamp, uuid } from '../http/schemas.js';

const STATUSES = ['open', 'approved', 'executed', 'rejected', 'dismissed'] as const;
const METHODS = ['measured', 'priced', 'stated', 'guessed'] as const;
const OBSERVED = ['present', 'resolved'] as const;

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

export const recommendationId = z.strictObject({ id: uuid.describe('AzCops’ own id of the recommendation') });

export const recommendationQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    subscription_id: text(128).optional().describe('The provider’s id'),
    resource_id: text(2_000).optional().describe('Full resource id, in any case'),
    status: oneOf(STATUSES).optional().describe('What people decided; default: whatever they decided'),
    source: text(64).optional().describe('Who found it: advisor, or rules for AzCops’ own'),
    rule: text().optional().describe('Exactly as in the records: advisor/e10b1381-5f0a-47ff-8c7b-37bd13d7c974'),
    savings_method: oneOf(METHODS).optional().describe('How the savings are known'),
    observed: oneOf([...OBSERVED, 'any'])
      .optional()
      .describe(
        'What the last complete evaluation saw; default present, but any with status=executed, because what was ' +
          'carried out is no longer seen',
      ),
    suppressed: oneOf(['true', 'false', 'any']).optional().describe('Silenced at its source; default false'),
  },
  'estimated_monthly_savings (descending by default; the number, whatever its currency), last_seen_at',
);

export const recommendation = z
  .object({
    id: z.guid(),
    tenant_id: z.guid(),
    subscription_id: z.string().nullable(),
    resource_id: z.string().nullable().describe('Null when it is about a subscription'),
    source: z.string(),
    rule: z.string(),
    category: z.string(),
    title: z.string(),
    status: z.enum(STATUSES).describe('What people decided'),
    observed: z.enum(OBSERVED).describe('What the last complete evaluation saw'),
    impact: z.enum(['High', 'Medium', 'Low']).nullable(),
    estimated_monthly_savings: decimal.nullable(),
    currency: z.string().nullable(),
    savings_method: z
      .enum(METHODS)
      .nullable()
      .describe('measured from costs, priced from a price list, stated by the source, or guessed'),
    confidence: decimal.nullable().describe('0 to 1'),
    alternative_of: z
      .string()
      .nullable()
      .describe('Those that share it exclude each other: carry out one, and never add their savings'),
    suppressed: z.boolean().describe('Somebody has silenced it at its source'),
    evidence: z.record(z.string(), z.unknown()).describe('What it rests on, as its source said it'),
    first_seen_at: timestamp,
    last_seen_at: timestamp,
  })
  .meta({ id: 'Recommendation' });

export const recommendationList = listResponse('RecommendationList', recommendation);

/** Columns of the CSV file; the evidence is one cell of JSON. */
export const RECOMMENDATION_COLUMNS = [
  'id',
  'tenant_id',
  'subscription_id',
  'resource_id',
  'source',
  'rule',
  'category',
  'title',
  'status',
  'observed',
  'impact',
  'estimated_monthly_savings',
  'currency',
  'savings_method',
  'confidence',
  'alternative_of',
  'suppressed',
  'evidence',
  'first_seen_at',
  'last_seen_at',
] as const;

export const potentialQuery = z.strictObject({ tenant_id: tenantFilter });

export const savingsPotential = z
  .object({
    totals: z
      .array(
        z.object({
          currency: z.string(),
          savings_method: z.enum(METHODS),
          recommendations: z.number().int().describe('How many can be carried out together'),
          estimated_monthly_savings: decimal,
        }),
      )
      .describe('One per currency and method; neither may be added across'),
  })
  .meta({ id: 'SavingsPotential' });
