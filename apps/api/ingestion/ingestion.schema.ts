import { z } from 'zod';
import { CONNECTOR_IDS } from '#connectors/connector-ids.js';
import { day, decimal, listQuerySchema, listResponse, orderedDays, text, timestamp, uuid } from '../http/schemas.js';

const mode = z.enum(['full', 'incremental'], 'must be full or incremental');
const status = z.enum(['queued', 'running', 'succeeded', 'partially_succeeded', 'failed', 'cancelled']);

export const runId = z.strictObject({ run_id: uuid });

export const triggerRequest = orderedDays(
  z
    .strictObject({
      mode,
      tenant_id: uuid.optional(),
      subscription_ids: z.array(text(128)).min(1, 'must not be empty').max(10_000).optional(),
      connectors: z
        .array(z.enum(CONNECTOR_IDS, `must be among ${CONNECTOR_IDS.join(', ')}`))
        .min(1, 'must not be empty')
        .optional(),
      from: day.optional(),
      to: day.optional(),
    })
    .refine(({ from, to }) => (from === undefined) === (to === undefined), {
      path: ['from'],
      message: 'and to must be given together',
    }),
).meta({ id: 'IngestionTrigger' });

export const triggerAnswer = z.object({ run_id: z.guid(), status_url: z.string() }).meta({ id: 'IngestionTriggered' });

export const runQuery = listQuerySchema({
  tenant_id: uuid.optional(),
  mode: mode.optional(),
  status: status.optional(),
});

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
