import { z } from 'zod';
import { SOURCE_IDS } from '#connectors/connector-ids.js';
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

const mode = z.enum(['full', 'incremental'], 'must be full or incremental');
const STATUSES = ['queued', 'running', 'succeeded', 'partially_succeeded', 'failed', 'cancelled'] as const;
const status = z.enum(STATUSES, `must be among ${STATUSES.join(', ')}`);

export const runId = z.strictObject({ run_id: uuid.describe('From the trigger’s answer') });

export const triggerRequest = orderedDays(
  z
    .strictObject({
      mode: mode.describe('full: inventory and every month still to be read; incremental: yesterday and today'),
      tenant_id: uuid.optional().describe('Absent: the caller’s own tenant; for the operator, all tenants'),
      subscription_ids: z
        .array(text(128))
        .min(1, 'must not be empty')
        .max(10_000, 'must have at most 10000 members')
        .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))])
        .optional()
        .describe('The provider’s ids; absent: all of the tenant'),
      connectors: z
        .array(z.enum(SOURCE_IDS, `must be among ${SOURCE_IDS.join(', ')}`))
        .min(1, 'must not be empty')
        .transform((ids) => [...new Set(ids)])
        .optional()
        .describe('Sources to read; absent: all'),
      from: givenDay.optional().describe('First day of costs to read again; only together with to'),
      to: givenDay.optional().describe('Last day; not after today'),
    })
    .refine(({ from, to }) => (from === undefined) === (to === undefined), {
      path: ['from'],
      message: 'must be given together with to',
    }),
).meta({ id: 'IngestionTrigger' });

export const triggerAnswer = z.object({ run_id: z.guid(), status_url: z.string() }).meta({ id: 'IngestionTriggered' });

export const runQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    mode: mode.optional().describe('Only runs of this mode'),
    status: status.optional().describe('Only runs that stand so'),
  },
  'created_at (default -created_at)',
);

const amounts = z.object({ currency: z.string(), cost: decimal.nullable(), amortized_cost: decimal.nullable() });
const progress = z.object({
  windows_done: z.number().int(),
  windows_total: z.number().int().nullable(),
  rows: z.number().int(),
});

const run = z
  .object({
    run_id: z.guid(),
    tenant_id: z.guid().nullable(),
    mode,
    status,
    source: z.enum(['api', 'cli', 'schedule']),
    progress,
    waiting: z
      .object({ windows: z.number().int(), until: timestamp, reason: z.string().nullable() })
      .nullable()
      .describe('Windows that wait, for quota or to be tried again: how many, why, and when the first goes on'),
    requested_by: z.string().nullable(),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
  })
  .meta({ id: 'IngestionRun' });

export const runList = listResponse('IngestionRunList', run);

export const runStatus = run
  .extend({
    error: z.string().nullable(),
    subscriptions: z.object({ processed: z.number().int(), failed: z.number().int(), skipped: z.number().int() }),
    totals: z.array(amounts),
    refresh: z
      .array(
        z.object({
          tenant_id: z.guid(),
          connector: z.string(),
          planned: z.number().int(),
          total: z.number().int(),
          every_runs: z.number().int().nullable(),
        }),
      )
      .describe('Incremental runs: subscriptions that the quota allowed, and after how many runs all have been read'),
    windows: z.array(
      z.object({
        connector: z.string(),
        tenant_id: z.guid(),
        scope: z.string(),
        from: day.nullable(),
        to: day.nullable(),
        status: z.enum(['pending', 'running', 'succeeded', 'unavailable', 'failed', 'cancelled']),
        attempt: z.number().int(),
        reason: z.string().nullable(),
        action: z.string().nullable(),
        waiting_until: timestamp.nullable(),
        totals: z.array(amounts),
        proof: z
          .looseObject({
            pages: z.number().int(),
            rows: z.number().int(),
            expected: z.number().int().nullable(),
            sha256: z.array(z.string()),
          })
          .nullable(),
      }),
    ),
  })
  .meta({ id: 'IngestionRunStatus' });
