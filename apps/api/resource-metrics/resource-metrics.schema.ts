import { z } from 'zod';
import { listQuerySchema, listResponse, tenantFilter, text, timestamp } from '../http/schemas.js';

export const resourceMetricQuery = listQuerySchema(
  {
    tenant_id: tenantFilter,
    subscription_id: text(128).optional().describe('The provider’s id'),
    resource_id: text(2_000).optional().describe('Full resource id, in any case'),
    resource_type: text().optional().describe('As in Azure, in any case: microsoft.compute/virtualmachines'),
    metric: text().optional().describe('Azure’s name of the metric, in any case: Percentage CPU'),
  },
  'resource_id (default), metric',
);

/** A measurement: a binary floating point number as Azure Monitor gives it, unlike the decimals of amounts. */
const statistic = z.number().nullable();

const resourceMetric = z
  .object({
    tenant_id: z.guid(),
    subscription_id: z.string(),
    resource_id: z.string(),
    resource_type: z.string(),
    metric: z.string(),
    unit: z.string().describe('Azure’s own: Percent, Bytes …'),
    from_at: timestamp,
    to_at: timestamp,
    interval_minutes: z.number().int(),
    average: statistic.describe('Like every statistic null where no point had a value, which is not zero'),
    minimum: statistic,
    maximum: statistic,
    p05: statistic.describe('5th percentile of the points'),
    p95: statistic.describe('95th percentile of the points'),
    sample_count: z.number().int().describe('Points that had a value'),
    coverage: z.number().describe('Share of the window’s points that had a value, 0 to 1'),
  })
  .meta({ id: 'ResourceMetric' });

export const resourceMetricList = listResponse('ResourceMetricList', resourceMetric);
