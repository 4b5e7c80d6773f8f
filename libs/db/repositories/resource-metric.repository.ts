import { oneTenant, type TenantScope } from '#core/scope.js';
import type { MetricRecord } from '#core/records.js';
import type { Database } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';

export interface ResourceMetricRow {
  tenant_id: string;
  resource_id: string;
  metric: string;
  subscription_id: string;
  resource_type: string;
  unit: string;
  from_at: Date;
  to_at: Date;
  interval_minutes: number;
  average: number | null;
  minimum: number | null;
  maximum: number | null;
  p05: number | null;
  p95: number | null;
  sample_count: number;
  coverage: number;
}

export interface ResourceMetricFilter {
  tenant_id?: string;
  subscription_id?: string;
  resource_id?: string;
  resource_type?: string;
  metric?: string;
}

/** How resources were used: the latest look-back window of each metric. */
export class ResourceMetricRepository {
  constructor(private readonly database: Database) {}

  list(scope: TenantScope, filter: ResourceMetricFilter, request: ListRequest): Promise<ListPage<ResourceMetricRow>> {
    const conditions = new Conditions()
      .within(scope, 'tenant_id')
      .add('tenant_id = ?', filter.tenant_id)
      .add('subscription_id = ?', filter.subscription_id?.toLowerCase())
      .add('resource_id = ?', filter.resource_id?.toLowerCase())
      .add('resource_type = ?', filter.resource_type?.toLowerCase())
      .add('lower(metric) = ?', filter.metric?.toLowerCase());
    return readList<ResourceMetricRow>(
      this.database,
      scope,
      {
        columns: `tenant_id, resource_id, metric, subscription_id, resource_type, unit, from_at, to_at, interval_minutes,
          average, minimum, maximum, p05, p95, sample_count, coverage`,
        from: 'resource_metrics',
        sortable: {
          resource_id: { expression: 'resource_id', type: 'text' },
          metric: { expression: 'metric', type: 'text' },
        },
        defaultSort: 'resource_id',
        tieBreakers: [
          { expression: 'resource_id', type: 'text' },
          { expression: 'metric', type: 'text' },
          { expression: 'tenant_id', type: 'uuid' },
        ],
      },
      conditions,
      request,
    );
  }

  /** Metrics as the sink of a subscription's window. They become visible together; a complete read drops what is gone. */
  openSink(target: SinkTarget): Promise<RecordSink<'metric'>> {
    const found: MetricRecord[] = [];
    return Promise.resolve({
      add: async (records) => void found.push(...records),
      publish: (proof, checkpoint) =>
        this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          const records = [
            ...new Map(found.map((record) => [`${record.resourceId} ${record.metric}`, record])).values(),
          ];
          await tx.query(
            `INSERT INTO resource_metrics AS m (tenant_id, resource_id, metric, subscription_id, resource_type, unit, from_at,
               to_at, interval_minutes, average, minimum, maximum, p05, p95, sample_count, coverage, run_id)
             SELECT $1, f.*, $17
             FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[],
                         $9::integer[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[],
                         $15::integer[], $16::float8[]) AS f
             ON CONFLICT (tenant_id, resource_id, metric) DO UPDATE
               SET subscription_id = excluded.subscription_id, resource_type = excluded.resource_type, unit = excluded.unit,
                   from_at = excluded.from_at, to_at = excluded.to_at, interval_minutes = excluded.interval_minutes,
                   average = excluded.average, minimum = excluded.minimum, maximum = excluded.maximum,
                   p05 = excluded.p05, p95 = excluded.p95, sample_count = excluded.sample_count,
                   coverage = excluded.coverage, run_id = excluded.run_id`,
            [
              target.tenantId,
              records.map((record) => record.resourceId),
              records.map((record) => record.metric),
              records.map((record) => record.subscriptionId),
              records.map((record) => record.resourceType),
              records.map((record) => record.unit),
              records.map((record) => record.from),
              records.map((record) => record.to),
              records.map((record) => record.intervalMinutes),
              records.map((record) => record.average),
              records.map((record) => record.minimum),
              records.map((record) => record.maximum),
              records.map((record) => record.p05),
              records.map((record) => record.p95),
              records.map((record) => record.sampleCount),
              records.map((record) => record.coverage),
              target.runId,
            ],
          );
          // What this read could not get keeps its last values only as long as the resource exists.
          if (proof.complete) {
            await tx.query(
              `DELETE FROM resource_metrics m WHERE m.tenant_id = $1 AND m.subscription_id = $2
                 AND m.run_id IS DISTINCT FROM $3
                 AND NOT EXISTS (SELECT FROM resources r WHERE r.tenant_id = $1 AND r.resource_id = m.resource_id
                                 AND r.deleted_at IS NULL)`,
              [target.tenantId, target.subscriptionId, target.runId],
            );
          }
          const published = { rows: records.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }
}
