import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzCops } from '../harness/azcops.js';
import { sumDecimals } from '../harness/decimals.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { TestSandbox } from '../harness/sandbox.js';

interface Machine {
  resource_id: string;
  verdict: string;
  reason_code: string;
  evidence: {
    cpu: { average: number; from_at: string; to_at: string; sample_count: number } | null;
    memory: { used_p95: number | null } | null;
  };
}

/** What the sandbox made a machine to be, and how its metrics come out of that. */
interface Truth {
  profile: string;
  powerState: string;
  metrics: Record<string, { averageOfHours: number; hours: number } | null>;
}

interface Recommendation {
  id: string;
  resource_id: string | null;
  title: string;
  savings_method: string;
  estimated_monthly_savings: string;
  alternative_of: string | null;
  currency: string;
}

/** What is said of a machine that runs all the time. */
const EXPECTED: Record<string, string> = {
  idle: 'low_use',
  underutilized: 'low_use',
  'memory-bound': 'memory_pressure',
  normal: 'cpu_in_use',
  busy: 'cpu_in_use',
  'no-memory-data': 'no_memory_data',
  'no-data': 'no_cpu_data',
};

describe('findings', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  showLogsOfFailures();

  beforeAll(async () => {
    const hour = `${new Date().toISOString().slice(0, 13)}:00:00Z`;
    sandbox = await TestSandbox.start({ tenants: 1, subscriptions: 2, resources: 150, now: hour });
    azcops = await AzCops.open(sandbox);
    await Promise.all([azcops.startApi(), azcops.startWorker()]);
    await azcops.register(0);
    const connectors = ['subscriptions', 'resource-graph', 'advisor', 'monitor'];
    expect((await azcops.run({ mode: 'full', connectors })).status).toBe('succeeded');
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  it('tell of every machine what the estate made it to be', async () => {
    const { items } = await azcops.get<{ items: Machine[] }>('/api/v1/virtual-machines/utilisation?page_size=500');
    const judged = new Set<string>();
    const memoryKnown = new Set<string>();
    for (const { resource_id, verdict, reason_code, evidence } of items) {
      const { cpu, memory } = evidence;
      const window = cpu ? `&from=${cpu.from_at}&to=${cpu.to_at}` : '&from=2026-01-01&to=2026-01-02';
      const { profile, powerState, metrics } = await sandbox.admin<Truth>(
        'GET',
        `/metrics/truth?resource=${encodeURIComponent(resource_id)}${window}`,
      );
      const measured = metrics['Percentage CPU'];
      expect([cpu?.sample_count ?? 0, cpu?.average ?? null], resource_id).toEqual([
        measured?.hours ?? 0,
        measured ? expect.closeTo(measured.averageOfHours, 3) : null,
      ]);
      if (powerState === 'deallocated') expect(verdict, resource_id).toBe('not_evaluated');
      if (powerState !== 'running') continue;
      // Machines that are new or were hardly ever on are known too little for a verdict, but their memory is known.
      if (memory?.used_p95 != null && ['idle', 'underutilized', 'memory-bound'].includes(profile)) {
        expect(memory.used_p95 >= 80, `${profile} ${resource_id}`).toBe(profile === 'memory-bound');
        memoryKnown.add(profile);
      }
      if (reason_code.endsWith('_coverage')) continue;
      expect(`${profile}: ${reason_code}`, resource_id).toBe(`${profile}: ${EXPECTED[profile]}`);
      judged.add(verdict);
    }
    expect([...judged].toSorted()).toEqual(['in_use', 'not_evaluated', 'underutilised']);
    expect([...memoryKnown]).toContain('memory-bound');
  });

  it('hold every recommendation of Advisor, and add up only what can be carried out together', async () => {
    const { items } = await azcops.get<{ items: Recommendation[] }>('/api/v1/recommendations?page_size=500');
    expect(items.length).toBeGreaterThan(10);
    const { potential: totals } = await azcops.get<{
      potential: (Pick<Recommendation, 'currency' | 'savings_method' | 'estimated_monthly_savings'> & {
        recommendations: number;
      })[];
    }>('/api/v1/recommendations/summary');
    for (const total of totals) {
      const alike = items.filter(
        ({ currency, savings_method }) => currency === total.currency && savings_method === total.savings_method,
      );
      const alone = alike.filter(({ alternative_of }) => alternative_of === null);
      const sum = Number(total.estimated_monthly_savings);
      const sumOf = (list: Recommendation[]) =>
        Number(sumDecimals(list.map((each) => each.estimated_monthly_savings)) ?? 0);
      expect(sum).toBeGreaterThanOrEqual(sumOf(alone));
      expect(sum).toBeLessThanOrEqual(sumOf(alike));
      expect(total.recommendations).toBeGreaterThanOrEqual(alone.length);
      if (alike.length > alone.length) expect(sum).toBeLessThan(sumOf(alike));
    }
    expect(totals.map(({ savings_method }) => savings_method)).toContain('stated');
  });
});
