import { z } from 'zod';
import { RECOMMENDED_ACTIONS } from '#core/records.js';
import { RECOMMENDATION_MOVES, RECOMMENDATION_STATUSES } from '#core/workflow.js';
import { decimal, listQuerySchema, listResponse, oneOf, tenantFilter, text, timestamp, uuid } from '../http/schemas.js';

const METHODS = ['measured', 'priced', 'stated', 'guessed'] as const;
const OBSERVED = ['present', 'resolved'] as const;
const LEVELS = ['low', 'medium', 'high'] as const;

export const recommendationId = z.strictObject({ id: uuid.describe('AzCops’ own id of the recommendation') });

export const recommendationQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    subscription_id: text(128).optional().describe('The provider’s id'),
    resource_group: text(128).optional().describe('In any case'),
    resource_id: text(2_000).optional().describe('Full resource id, in any case'),
    tag: text(600).optional().describe('name or name:value, a tag of the resource'),
    status: oneOf(RECOMMENDATION_STATUSES).optional().describe('What people decided; default: whatever they decided'),
    source: text(64).optional().describe('Who found it: advisor, or rules for AzCops’ own'),
    rule: text().optional().describe('unattached-disk, or advisor/e10b1381-5f0a-47ff-8c7b-37bd13d7c974'),
    category: text(64).optional().describe('waste, rightsizing, rate, modernisation, governance; cost for Advisor’s'),
    action: oneOf(RECOMMENDED_ACTIONS).optional().describe('What it asks for'),
    risk: oneOf(LEVELS).optional().describe('What can go wrong in carrying it out'),
    effort: oneOf(LEVELS).optional().describe('What carrying it out takes'),
    currency: text(3).optional().describe('ISO 4217'),
    min_savings: text(40)
      .refine((value) => /^\d{1,18}(\.\d{1,18})?$/.test(value), 'must be a decimal number such as 12.5')
      .optional()
      .describe('Least estimated_monthly_savings, as a number whatever the currency'),
    savings_method: oneOf(METHODS).optional().describe('How the savings are known'),
    observed: oneOf([...OBSERVED, 'any'])
      .optional()
      .describe(
        'What the last complete evaluation saw, present only of subscriptions that are still read; default present, but ' +
          'any with status=executed, because what was carried out is no longer seen',
      ),
    suppressed: oneOf(['true', 'false', 'any'])
      .optional()
      .describe('Silenced at its source or by an exemption; default false'),
  },
  'score (descending by default), estimated_monthly_savings (the number, whatever its currency), confidence, risk, ' +
    'effort, first_seen_at, last_seen_at',
);

export const recommendation = z
  .object({
    id: z.guid(),
    tenant_id: z.guid(),
    subscription_id: z.string().nullable(),
    resource_group: z.string().nullable(),
    resource_id: z.string().nullable().describe('Null when it is about a subscription'),
    source: z.string(),
    rule: z.string(),
    category: z.string(),
    title: z.string(),
    reason: z.string().nullable().describe('Why, in a sentence'),
    status: z.enum(RECOMMENDATION_STATUSES).describe('What people decided'),
    observed: z.enum(OBSERVED).describe('What the last complete evaluation saw'),
    impact: z.enum(['High', 'Medium', 'Low']).nullable(),
    action: z.enum(RECOMMENDED_ACTIONS).nullable().describe('What it asks for'),
    risk: z.enum(LEVELS).nullable().describe('What can go wrong in carrying it out'),
    effort: z.enum(LEVELS).nullable(),
    estimated_monthly_savings: decimal.nullable(),
    savings_low: decimal.nullable().describe('The least and the most that the savings are likely to be'),
    savings_high: decimal.nullable(),
    monthly_cost: decimal.nullable().describe('What the subject costs a month today'),
    currency: z.string().nullable(),
    savings_method: z
      .enum(METHODS)
      .nullable()
      .describe('measured from costs, priced from a price list, stated by the source, or guessed'),
    confidence: decimal.nullable().describe('0 to 1'),
    confidence_parts: z.record(z.string(), z.number()).describe('What the confidence is the product of'),
    score: decimal.nullable().describe('0 to 100: the order in which recommendations are worth a person’s time'),
    score_parts: z.record(z.string(), z.number()).describe('What the score is the sum of'),
    alternative_of: z
      .string()
      .nullable()
      .describe('Those that share it exclude each other: carry out one, and never add their savings'),
    suppressed: z.boolean().describe('Silenced at its source, or by an exemption'),
    evidence: z.record(z.string(), z.unknown()).describe('What it rests on, as its source said it'),
    first_seen_at: timestamp,
    last_seen_at: timestamp,
    resolved_at: timestamp.nullable().describe('When a complete evaluation no longer saw it'),
    executed_at: timestamp.nullable().describe('When a person acted'),
    dismissed_until: timestamp.nullable().describe('When a dismissal ends by itself'),
    verified_monthly_savings: decimal.nullable().describe('What the ledger shows to be saved'),
    verification: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What the ledger said after it was carried out'),
  })
  .meta({ id: 'Recommendation' });

const event = z.object({
  kind: z.string().describe('What was observed (found, changed, resolved, returned, verified) or decided'),
  from_status: z.string().nullable(),
  to_status: z.string().nullable(),
  reason: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  actor_id: z.string().nullable().describe('Null where no person acted'),
  actor_name: z.string().nullable(),
  run_id: z.string().nullable(),
  correlation_id: z.string().nullable(),
  created_at: timestamp,
});

const link = z.object({
  id: z.guid(),
  rule: z.string(),
  action: z.string().nullable(),
  position: z.number().int(),
  counted_monthly_savings: decimal,
  currency: z.string(),
});

const runbookStep = z.object({
  title: z.string(),
  kind: z.enum(['text', 'commands']).describe('Markdown, or commands for a POSIX shell'),
  lines: z.array(z.string()),
});

/** One recommendation with all that a person wants to know before deciding. */
export const recommendationView = recommendation
  .extend({
    allowed_moves: z.array(z.enum(RECOMMENDATION_MOVES)).describe('Where people can lead it from here'),
    history: z.array(event).describe('Oldest first'),
    chain: z
      .array(link)
      .describe('The open and approved actions on the same resource, with what each adds to the potential'),
    exemptions: z.array(z.object({ id: z.guid(), reason: z.string() })).describe('Those in force that silence it'),
    runbook: z.array(runbookStep).nullable().describe('How a person follows it; null for what others found'),
  })
  .meta({ id: 'RecommendationView' });

export const recommendationList = listResponse('RecommendationList', recommendation);

/** Columns of the CSV file; what is structured is one cell of JSON. */
export const RECOMMENDATION_COLUMNS = Object.keys(recommendation.shape) as (keyof typeof recommendation.shape)[];

export const summaryQuery = z.strictObject({
  tenant_id: tenantFilter,
  subscription_id: text(128).optional().describe('The provider’s id'),
});

const savings = z
  .array(
    z.object({
      currency: z.string(),
      savings_method: z.enum(METHODS),
      recommendations: z.number().int().describe('How many can be carried out together'),
      estimated_monthly_savings: decimal,
    }),
  )
  .describe('One per currency and method; neither may be added across');

export const savingsSummary = z
  .object({
    potential: savings,
    approved: savings,
    executed: savings,
    verified: z.array(
      z.object({
        currency: z.string(),
        recommendations: z.number().int(),
        verified_monthly_savings: decimal,
        estimated_monthly_savings: decimal.describe('What the same recommendations were estimated to save'),
      }),
    ),
  })
  .meta({ id: 'SavingsSummary' });
