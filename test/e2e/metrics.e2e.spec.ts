import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monitoringFiles } from '../../scripts/dashboards.js';
import { projectRoot } from '../../scripts/project.js';
import { request } from '../../scripts/request.js';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures, type TestProcess } from '../harness/processes.js';
import { askedBy, exposed } from '../harness/promql.js';
import { TestSandbox } from '../harness/sandbox.js';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  annotations?: { runbook?: string; summary?: string };
}

/** The public contract, with the labels that others rely on. */
const CONTRACT: Record<string, string[]> = {
  azcops_http_request_duration_seconds_bucket: ['method', 'route', 'status'],
  azcops_azure_requests_total: ['connector', 'status'],
  azcops_azure_throttled_total: ['connector', 'bucket'],
  azcops_azure_request_duration_seconds_bucket: [],
  azcops_ingestion_runs_total: ['mode', 'status'],
  azcops_ingestion_window_duration_seconds_bucket: ['connector'],
  azcops_ingestion_rows_total: ['connector'],
  azcops_ingestion_lag_seconds: ['connector'],
  azcops_queue_jobs: ['state'],
  azcops_recommendations: ['status'],
};
/** Labels of metrics that have no sample in this run, because nothing of the kind happened. */
const QUIET: Record<string, string[]> = {
  azcops_azure_quota_wait_seconds_total: ['connector', 'bucket'],
  azcops_deliveries_total: ['kind', 'status'],
  azcops_recommendation_savings: ['standing', 'currency', 'savings_method'],
  azcops_azure_quota_used: ['tenant_id', 'service', 'bucket'],
};
/** What Prometheus itself knows and adds. */
const BY_PROMETHEUS = { metrics: ['up'], labels: ['job', 'instance'] };

const folder = (path: string) =>
  readdirSync(join(projectRoot, path)).map((name) => ({
    name,
    text: readFileSync(join(projectRoot, path, name), 'utf8'),
  }));
const rules = folder('infra/prometheus/rules').flatMap(({ text }) =>
  (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
);
const panels = folder('infra/grafana/dashboards').flatMap(({ text }) =>
  (
    JSON.parse(text) as { panels: { title: string; targets: { expr: string; legendFormat: string }[] }[] }
  ).panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target }))),
);

describe('metrics', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let metrics: Map<string, Set<string>>;
  showLogsOfFailures();

  beforeAll(async () => {
    sandbox = await TestSandbox.start({
      tenants: 1,
      subscriptions: 2,
      resources: 30,
      days: 40,
      now: new Date().toISOString(),
    });
    azcops = await AzCops.open(sandbox);
    const [api, worker] = await Promise.all([azcops.startApi(), azcops.startWorker()]);
    await azcops.register(0);
    // Something refused, something throttled, something that failed, and a run that ends.
    await azcops.call('GET', '/api/v1/costs?from=nonsense');
    await sandbox.addFault({ service: 'cost-management', times: 1, throttle: true, retryAfterSeconds: 1 });
    await sandbox.addFault({ service: 'advisor', times: 0, status: 400 });
    await sandbox.addFault({ service: 'resource-graph', times: 1, status: 400 });
    await azcops.run({ mode: 'full' });
    metrics = new Map([...(await scraped(api)), ...(await scraped(worker))]);
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const scraped = async (process: TestProcess) => {
    const { address } = await process.logged((line) => line['operation_name'] === 'metrics');
    const answer = await request(`http://127.0.0.1:${(address as { port: number }).port}/metrics`, {});
    expect(answer.status).toBe(200);
    return exposed(answer.text);
  };

  /** What an expression asks that nobody exposes. */
  const unknownIn = (expr: string, recorded: readonly string[] = []): string[] => {
    const { selectors, grouped } = askedBy(expr);
    const labelsOf = (metric: string) => [
      ...(metrics.get(metric) ?? []),
      ...(QUIET[metric] ?? []),
      ...BY_PROMETHEUS.labels,
    ];
    return selectors.flatMap(({ metric, labels }) => {
      if (BY_PROMETHEUS.metrics.includes(metric) || recorded.includes(metric)) return [];
      if (!metrics.has(metric)) return [metric];
      return [...labels, ...grouped]
        .filter((label) => !labelsOf(metric).includes(label))
        .map((label) => `${metric}{${label}}`);
    });
  };
  const recorded = rules.flatMap(({ record }) => record ?? []);

  it('are those of the contract, with their labels', () => {
    for (const [name, labels] of Object.entries(CONTRACT)) {
      expect([...(metrics.get(name) ?? [])], name).toEqual(expect.arrayContaining(labels));
    }
  });

  it('exist as the rules and the dashboards ask for them', () => {
    expect(rules.length).toBeGreaterThan(15);
    expect(panels.length).toBeGreaterThan(15);
    for (const { alert, record, expr } of rules) expect(unknownIn(expr, recorded), alert ?? record).toEqual([]);
    for (const { title, expr } of panels) expect(unknownIn(expr, recorded), title).toEqual([]);
  });

  it('are missed where they do not exist', () => {
    expect(unknownIn('rate(azcops_http_requests_total[5m])')).toEqual(['azcops_http_requests_total']);
    expect(unknownIn('sum by (path) (azcops_queue_jobs{status="failed"})')).toEqual([
      'azcops_queue_jobs{status}',
      'azcops_queue_jobs{path}',
    ]);
  });

  it('are shown under names that the panels have', () => {
    for (const { title, expr, legendFormat } of panels) {
      const { selectors, grouped } = askedBy(expr);
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      const own = selectors.flatMap(({ metric }) => [...(metrics.get(metric) ?? []), ...BY_PROMETHEUS.labels]);
      for (const label of shown) expect(grouped.length > 0 ? grouped : own, title).toContain(label);
    }
  });
});

describe('alerts', () => {
  it('lead to a runbook each, which begins with what people see', () => {
    const alerts = rules.filter(({ alert }) => alert);
    expect(alerts.length).toBeGreaterThan(10);
    for (const { alert, annotations } of alerts) {
      expect(annotations?.summary, alert).toBeTruthy();
      const file = join(projectRoot, annotations?.runbook ?? 'absent');
      expect(existsSync(file), alert).toBe(true);
      expect(readFileSync(file, 'utf8'), alert).toMatch(/^# \w+\n\n## What people see\n\n\S/);
    }
    const named = new Set(alerts.map(({ annotations }) => annotations!.runbook));
    expect(
      readdirSync(join(projectRoot, 'docs/runbooks'))
        .map((name) => `docs/runbooks/${name}`)
        .toSorted(),
    ).toEqual([...named].toSorted());
  });
});

describe('files that are made from others', () => {
  it.each(Object.entries(monitoringFiles()))('%s is up to date (make dashboards writes it)', (path, text) => {
    expect(readFileSync(join(projectRoot, path), 'utf8')).toBe(text);
  });
});
