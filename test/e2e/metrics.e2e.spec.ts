import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monitoringFiles } from '../../scripts/monitoring-files.js';
import { projectRoot } from '../../scripts/project.js';
import { request } from '../../scripts/request.js';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures, type TestProcess } from '../harness/processes.js';
import { askedBy, chooses, exposed, type Exposed } from '../harness/promql.js';
import { TestSandbox } from '../harness/sandbox.js';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
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
};
/** Values that are right although this run has none of them. */
const RARE: Record<string, RegExp> = {
  status: /^5\.\.$/,
  standing: /^(potential|approved|executed|verified)(\|(potential|approved|executed|verified))*$/,
};
/** What Prometheus adds to everything. */
const BY_PROMETHEUS = ['job', 'instance'];

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
  let metrics: Exposed;
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
    metrics = exposed(await scraped(worker), exposed(await scraped(api)));
    for (const { record, labels = {} } of rules) {
      if (!record) continue;
      const known = metrics.get(record) ?? metrics.set(record, new Map()).get(record)!;
      for (const [label, value] of Object.entries(labels)) {
        known.set(label, new Set([...(known.get(label) ?? []), value]));
      }
    }
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const scraped = async (process: TestProcess) => {
    const { address } = await process.logged((line) => line['operation_name'] === 'metrics');
    const answer = await request(`http://127.0.0.1:${(address as { port: number }).port}/metrics`, {});
    expect(answer.status).toBe(200);
    return answer.text;
  };
  const labelsOf = (metric: string) => [...(metrics.get(metric)?.keys() ?? []), ...(QUIET[metric] ?? [])];

  /** What an expression asks that nobody exposes: metrics, labels, and values that choose nothing. */
  const unknownIn = (expr: string): string[] => {
    return askedBy(expr).selectors.flatMap(({ metric, matchers, grouped }) => {
      const labels = metrics.get(metric);
      if (!labels) return [metric];
      const known = [...labelsOf(metric), ...BY_PROMETHEUS];
      const named = [...matchers.map(({ label }) => label), ...grouped];
      const values = matchers.filter((matcher) => {
        const { label, value } = matcher;
        const seen = labels.get(label);
        return seen && !RARE[label]?.test(value) && ![...seen].some((candidate) => chooses(matcher, candidate));
      });
      return [
        ...named.filter((label) => !known.includes(label)).map((label) => `${metric}{${label}}`),
        ...values.map(({ label, operator, value }) => `${metric}{${label}${operator}"${value}"}`),
      ];
    });
  };

  it('are those of the contract, with their labels', () => {
    for (const [name, labels] of Object.entries(CONTRACT)) {
      expect([...(metrics.get(name)?.keys() ?? [])], name).toEqual(expect.arrayContaining(labels));
    }
  });

  it('exist as the rules and the dashboards ask for them', () => {
    expect(rules.length).toBeGreaterThan(15);
    expect(panels.length).toBeGreaterThan(15);
    for (const { alert, record, expr } of rules) expect(unknownIn(expr), alert ?? record).toEqual([]);
    for (const { title, expr } of panels) expect(unknownIn(expr), title).toEqual([]);
  });

  it('are missed where they do not exist', () => {
    expect(unknownIn('rate(azcops_http_requests_total[5m])')).toEqual(['azcops_http_requests_total']);
    expect(unknownIn('sum by (path) (azcops_queue_jobs{status="failed"})')).toEqual([
      'azcops_queue_jobs{status}',
      'azcops_queue_jobs{path}',
    ]);
    expect(
      unknownIn('azcops_ingestion_runs_total{status="broken"} + azcops_ingestion_rows_total{connector!~".*"}'),
    ).toEqual(['azcops_ingestion_runs_total{status="broken"}', 'azcops_ingestion_rows_total{connector!~".*"}']);
    expect(unknownIn('azcops:slo_burn:rate2h{objective="errors"}')).toEqual(['azcops:slo_burn:rate2h']);
  });

  it('have samples for every panel that a run fills', () => {
    const empty = panels.flatMap(({ title, expr }) =>
      askedBy(expr).selectors.flatMap(({ metric }) =>
        labelsOf(metric).length > 0 || metric.includes(':') ? [] : title,
      ),
    );
    // Those without labels.
    expect([...new Set(empty)]).toEqual(['Memory', 'Oldest job that waits']);
  });

  it('are shown under names that the panels have', () => {
    for (const { title, expr, legendFormat } of panels) {
      const { selectors, grouped } = askedBy(expr);
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      const own = selectors.flatMap(({ metric }) => [...labelsOf(metric), ...BY_PROMETHEUS]);
      for (const label of shown) expect(grouped.length > 0 ? grouped : own, title).toContain(label);
    }
  });

  it('stay few: no label tells subscriptions, resources or paths apart', () => {
    const series = [...metrics].map(([name, labels]) => ({
      name,
      most: Math.max(0, ...[...labels.values()].map((values) => values.size)),
    }));
    expect(series.filter(({ most }) => most > 25)).toEqual([]);
  });
});

describe('alerts', () => {
  it('lead to the runbook of their name, which begins with what people see', () => {
    const alerts = rules.filter(({ alert }) => alert);
    expect(alerts.length).toBeGreaterThan(10);
    for (const { alert, annotations, labels } of alerts) {
      expect(annotations?.summary, alert).toBeTruthy();
      expect(labels?.['severity'], alert).toMatch(/^(page|ticket)$/);
      expect(annotations?.runbook, alert).toBe(`docs/runbooks/${alert}.md`);
      const file = join(projectRoot, annotations!.runbook!);
      expect(existsSync(file), alert).toBe(true);
      const sections = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)\n\n(?=\S)/gm)].map(([, title]) => title);
      expect(sections, alert).toEqual([
        alert,
        'What people see',
        'Confirm',
        'Likely causes, in order',
        'What to do',
        'So that it does not come back',
      ]);
    }
    const named = new Set(alerts.map(({ alert }) => `${alert}.md`));
    expect(readdirSync(join(projectRoot, 'docs/runbooks')).toSorted()).toEqual([...named].toSorted());
  });
});

describe('files that are made from others', () => {
  it.each(Object.entries(monitoringFiles()))('%s is up to date (make dashboards writes it)', (path, text) => {
    expect(readFileSync(join(projectRoot, path), 'utf8')).toBe(text);
  });
});
