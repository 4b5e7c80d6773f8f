/** A panel: what it shows, by which expressions, in which unit. */
interface Panel {
  title: string;
  unit: string;
  queries: readonly { expr: string; legend: string }[];
  kind?: 'timeseries' | 'stat';
  description?: string;
  /** What stands there while nothing of the kind happens. */
  none?: string;
}

interface Dashboard {
  uid: string;
  title: string;
  [member: string]: unknown;
}

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const WIDTH = 12;
const HEIGHT = 8;

const one = (expr: string, legend: string) => [{ expr, legend }];
const quantile = (q: number, metric: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${metric}_bucket[5m])))`;
const HTTP = 'azcops_http_request_duration_seconds';

const API: readonly Panel[] = [
  { title: 'Requests', unit: 'reqps', queries: one(`sum by (route) (rate(${HTTP}_count[5m]))`, '{{route}}') },
  {
    title: 'Errors of ours',
    unit: 'percentunit',
    description: 'Share of requests answered with 5xx.',
    queries: one(
      // Routes without an error are zero, not absent.
      `(sum by (route) (rate(${HTTP}_count{status=~"5.."}[5m])) or 0 * sum by (route) (rate(${HTTP}_count[5m]))) / sum by (route) (rate(${HTTP}_count[5m]))`,
      '{{route}}',
    ),
  },
  { title: 'Duration, 95th percentile', unit: 's', queries: one(quantile(0.95, HTTP, 'route'), '{{route}}') },
  {
    title: 'Refused',
    unit: 'reqps',
    none: 'none',
    queries: one(`sum by (status) (rate(${HTTP}_count{status=~"4.."}[5m]))`, '{{status}}'),
  },
  {
    title: 'How fast error budgets burn',
    unit: 'short',
    description: '1 uses a budget up in 30 days; what is promised stands in infra/prometheus/slo.yml.',
    queries: one('azcops:slo_burn:rate1h', '{{objective}}'),
  },
  {
    title: 'Metrics that the database did not answer for',
    unit: 'short',
    queries: one('sum by (job) (increase(azcops_metric_queries_failed_total[5m]))', '{{job}}'),
  },
  {
    title: 'Connections to the database',
    unit: 'short',
    queries: one('sum by (job, state) (azcops_database_connections)', '{{job}} {{state}}'),
  },
  { title: 'Memory', unit: 'bytes', queries: one('process_resident_memory_bytes', '{{job}} {{instance}}') },
];

const INGESTION: readonly Panel[] = [
  {
    title: 'Since the last success',
    unit: 's',
    kind: 'stat',
    queries: one('max by (connector) (azcops_ingestion_lag_seconds)', '{{connector}}'),
  },
  {
    title: 'Runs that ended in the last day',
    unit: 'short',
    kind: 'stat',
    queries: one('sum by (mode, status) (increase(azcops_ingestion_runs_total[1d]))', '{{mode}} {{status}}'),
  },
  {
    title: 'Since the last run that read something',
    unit: 's',
    kind: 'stat',
    queries: one('time() - max by (mode) (azcops_ingestion_last_success_timestamp_seconds)', '{{mode}}'),
  },
  {
    title: 'Processes',
    unit: 'short',
    kind: 'stat',
    queries: one('count by (service, version) (azcops_build_info)', '{{service}} {{version}}'),
  },
  {
    title: 'Rows published',
    unit: 'rowsps',
    queries: one('sum by (connector) (rate(azcops_ingestion_rows_total[5m]))', '{{connector}}'),
  },
  {
    title: 'Duration of a window, 95th percentile',
    unit: 's',
    queries: one(quantile(0.95, 'azcops_ingestion_window_duration_seconds', 'connector'), '{{connector}}'),
  },
  {
    title: 'Attempts that failed',
    unit: 'short',
    none: 'none',
    queries: one(
      'sum by (connector, reason) (increase(azcops_ingestion_attempts_failed_total[1h])) > 0',
      '{{connector}} {{reason}}',
    ),
  },
  {
    title: 'Requests to Azure',
    unit: 'reqps',
    queries: one('sum by (connector, status) (rate(azcops_azure_requests_total[5m]))', '{{connector}} {{status}}'),
  },
  {
    title: 'Azure’s answers, 95th percentile',
    unit: 's',
    queries: one(quantile(0.95, 'azcops_azure_request_duration_seconds', 'connector'), '{{connector}}'),
  },
  {
    title: 'Refused for want of quota',
    unit: 'short',
    none: 'none',
    queries: one('sum by (connector, bucket) (increase(azcops_azure_throttled_total[1h]))', '{{connector}} {{bucket}}'),
  },
  {
    title: 'Waiting for quota',
    unit: 's',
    none: 'none',
    queries: one(
      'sum by (connector, bucket) (increase(azcops_azure_quota_wait_seconds_total[1h]))',
      '{{connector}} {{bucket}}',
    ),
  },
  {
    title: 'Quota used',
    unit: 'short',
    queries: one('max by (service, bucket) (azcops_azure_quota_used)', '{{service}} {{bucket}}'),
  },
  {
    title: 'Queue',
    unit: 'short',
    queries: one('max by (state) (azcops_queue_jobs)', '{{state}}'),
  },
  { title: 'Oldest job that waits', unit: 's', queries: one('max(azcops_queue_oldest_job_seconds)', 'oldest') },
];

const FINOPS: readonly Panel[] = [
  {
    title: 'Age of the newest published day',
    unit: 's',
    kind: 'stat',
    description: 'Costs of a day are published once it is over; a daily run keeps this below 26 hours.',
    queries: one('max by (tenant_id) (azcops_cost_freshness_seconds)', '{{tenant_id}}'),
  },
  {
    title: 'Recommendations',
    unit: 'short',
    kind: 'stat',
    queries: one('max by (status) (azcops_recommendations)', '{{status}}'),
  },
  {
    title: 'Potential savings a month',
    unit: 'short',
    description: 'By currency and by how the amounts are known; neither may be added across.',
    queries: one(
      'max by (currency, savings_method) (azcops_recommendation_savings{standing="potential"})',
      '{{currency}} {{savings_method}}',
    ),
  },
  {
    title: 'Approved, executed and verified savings a month',
    unit: 'short',
    queries: one(
      'max by (standing, currency, savings_method) (azcops_recommendation_savings{standing=~"approved|executed|verified"})',
      '{{standing}} {{currency}} {{savings_method}}',
    ),
  },
  {
    title: 'Messages',
    unit: 'short',
    none: 'none',
    queries: one('sum by (kind, status) (increase(azcops_deliveries_total[1h])) > 0', '{{kind}} {{status}}'),
  },
];

/** The dashboards as Grafana reads them. */
export function dashboards(): Dashboard[] {
  return [
    dashboard('azcops-api', 'AzCops: API', API),
    dashboard('azcops-ingestion', 'AzCops: ingestion', INGESTION),
    dashboard('azcops-finops', 'AzCops: costs and recommendations', FINOPS),
  ];
}

function dashboard(uid: string, title: string, panels: readonly Panel[]): Dashboard {
  return {
    uid,
    title,
    tags: ['azcops'],
    schemaVersion: 39,
    timezone: 'utc',
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {} }],
    },
    panels: panels.map((panel, index) => ({
      id: index + 1,
      type: panel.kind ?? 'timeseries',
      title: panel.title,
      ...(panel.description && { description: panel.description }),
      datasource: DATASOURCE,
      gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
      fieldConfig: {
        defaults: { unit: panel.unit, min: 0, ...(panel.none && { noValue: panel.none }) },
        overrides: [],
      },
      ...(panel.kind === undefined && {
        options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
      }),
      targets: panel.queries.map(({ expr, legend }, at) => ({
        refId: String.fromCharCode(65 + at),
        datasource: DATASOURCE,
        expr,
        legendFormat: legend,
      })),
    })),
  };
}
