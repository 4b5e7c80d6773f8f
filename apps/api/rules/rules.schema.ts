import { z } from 'zod';
import { RECOMMENDED_ACTIONS } from '#core/records.js';
import { CATEGORIES } from '#rules/rule.js';
import { tenantFilter, text, timestamp, uuid } from '../http/schemas.js';

const LEVELS = ['low', 'medium', 'high'] as const;

export const ruleQuery = z.strictObject({ tenant_id: tenantFilter });
export const ruleId = z.strictObject({ rule: text(64).describe('As in the catalogue') });
export const tenantRule = z.strictObject({
  id: uuid.describe('AzCops’ own id of the tenant'),
  rule: text(64).describe('As in the catalogue'),
});
export const tenantOfRules = z.strictObject({ id: uuid.describe('AzCops’ own id of the tenant') });

const threshold = z.object({
  name: z.string(),
  default: z.number(),
  minimum: z.number(),
  maximum: z.number(),
  unit: z.string(),
  meaning: z.string(),
});

export const rule = z
  .object({
    rule: z.string(),
    title: z.string(),
    finds: z.string(),
    leaves_out: z.array(z.string()),
    savings: z.string().describe('How its savings come about'),
    category: z.enum(CATEGORIES),
    action: z.enum(RECOMMENDED_ACTIONS),
    impact: z.enum(['High', 'Medium', 'Low']),
    risk: z.enum(LEVELS),
    effort: z.enum(LEVELS),
    resource_types: z.array(z.string()),
    needs: z.array(z.string()),
    thresholds: z.array(threshold),
    links: z.array(z.object({ title: z.string(), url: z.string() })),
    examined: z.number().int().describe('Resources that its latest evaluations looked at'),
    found: z.number().int(),
    not_evaluated: z.record(z.string(), z.number()).describe('Resources that it could not judge, by reason'),
    evaluated_at: timestamp
      .nullable()
      .describe('Of the subscription evaluated longest ago; null before the first time'),
  })
  .meta({ id: 'Rule' });

export const ruleCatalogue = z.object({ items: z.array(rule) }).meta({ id: 'RuleCatalogue' });

export const ruleSetting = z
  .object({
    rule: z.string(),
    enabled: z.boolean(),
    thresholds: z.record(z.string(), z.number()).describe('What departs from the defaults'),
  })
  .meta({ id: 'RuleSetting' });
export const ruleSettings = z.object({ items: z.array(ruleSetting) }).meta({ id: 'RuleSettings' });

export const ruleSettingChange = z
  .strictObject({
    enabled: z.boolean().default(true),
    thresholds: z
      .record(text(64), z.number())
      .default({})
      .describe('By name; what is absent has its default. Bounds stand in the catalogue'),
  })
  .meta({ id: 'RuleSettingChange' });
