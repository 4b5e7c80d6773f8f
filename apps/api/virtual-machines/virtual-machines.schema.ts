import { z } from 'zod';
import {
  UTILISATION_REASONS,
  UTILISATION_VERDICTS,
} from '#rules/underutilised-virtual-machine/underutilised-virtual-machine.rule.js';
import { listQuerySchema, listResponse, tenantFilter, text, timestamp } from '../http/schemas.js';

export const utilisationQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    subscription_id: text(128).optional().describe('The provider’s id'),
    resource_id: text(2_000).optional().describe('Full resource id, in any case'),
    verdict: z
      .enum(UTILISATION_VERDICTS, `must be one of ${UTILISATION_VERDICTS.join(', ')}`)
      .optional()
      .describe('Only machines of this verdict'),
  },
  'resource_id (default), name',
);

const measurement = z.number().nullable();
const window = {
  from_at: timestamp,
  to_at: timestamp,
  sample_count: z.number().int(),
  coverage: measurement.describe('Share of the window’s points that had a value, 0 to 1'),
};

const utilisation = z
  .object({
    tenant_id: z.guid(),
    subscription_id: z.string(),
    resource_id: z.string(),
    name: z.string(),
    location: z.string().nullable(),
    resource_group: z.string().nullable(),
    size: z.string().nullable().describe('Azure’s name of the size: Standard_D4s_v5'),
    verdict: z.enum(UTILISATION_VERDICTS),
    reason_code: z.enum(UTILISATION_REASONS),
    reason: z.string().describe('reason_code as a sentence'),
    evidence: z
      .object({
        cpu: z
          .object({ average: measurement.describe('Percent'), ...window })
          .nullable()
          .describe('Null when it was never read'),
        memory: z
          .object({
            available_p05: measurement.describe('5th percentile of available memory, percent'),
            used_p95: measurement.describe('95th percentile of used memory, percent'),
            ...window,
          })
          .nullable()
          .describe('Null when it was never read'),
        thresholds: z.object({
          cpu_average_below: z.number(),
          memory_used_p95_from: z.number(),
          minimum_coverage: z.number(),
          maximum_age_days: z.number(),
        }),
      })
      .describe('What the verdict rests on'),
  })
  .meta({ id: 'VirtualMachineUtilisation' });

export const utilisationList = listResponse('VirtualMachineUtilisationList', utilisation);
