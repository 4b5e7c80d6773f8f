import { describe, expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { QueriedGauges, type GaugeSample } from './queried-gauges.js';

type Ask = () => Promise<GaugeSample<'of'>[]>;

const never = () => new Promise<never>(() => undefined);
function gaugesOf(asks: Record<string, Ask>, keptMs = 0) {
  const registry = new Registry();
  const gauges = new QueriedGauges(registry, 50);
  for (const [name, ask] of Object.entries(asks)) gauges.add({ name, help: name, labelNames: ['of'], ask, keptMs });
  return { registry, gauges, scrape: () => registry.metrics() };
}

describe('gauges that are asked for', () => {
  it('hold what is true now, and nothing of what was true before', async () => {
    const answers = [[{ of: 'a', value: 1 }], [{ of: 'b', value: 2 }]];
    const { scrape } = gaugesOf({ jobs: async () => answers.shift()! });
    expect(await scrape()).toContain('jobs{of="a"} 1');
    const second = await scrape();
    expect(second).toContain('jobs{of="b"} 2');
    expect(second).not.toContain('of="a"');
  });

  it.each<[string, Ask]>([
    ['fails', () => Promise.reject(new Error('the database is away'))],
    ['never comes', never],
  ])('are left out and counted where the answer %s; the others are sent', async (_, ask) => {
    const { scrape } = gaugesOf({ lost: ask, there: async () => [{ of: 'a', value: 1 }] });
    await scrape();
    const text = await scrape();
    expect(text).toContain('there{of="a"} 1');
    expect(text).not.toMatch(/^lost/m);
    expect(text).toMatch(/^azcops_metric_queries_failed_total\{metric="lost"\} [12]$/m);
    expect(text).toContain('azcops_metric_queries_failed_total{metric="there"} 0');
  });

  it('without labels show no zero that nobody said', async () => {
    const { registry, gauges } = gaugesOf({});
    gauges.add({ name: 'oldest', help: 'oldest', labelNames: [], ask: () => Promise.reject(new Error('away')) });
    expect(await registry.metrics()).not.toMatch(/^oldest/m);
  });

  it('are not asked again while a question is open', async () => {
    let asked = 0;
    const { scrape } = gaugesOf({
      slow: () => {
        asked += 1;
        return never();
      },
    });
    await scrape();
    await scrape();
    expect(asked).toBe(1);
  });

  it('are shown again for as long as they are kept', async () => {
    let asked = 0;
    const { scrape } = gaugesOf({ sum: async () => [{ of: 'all', value: (asked += 1) }] }, 60_000);
    await scrape();
    expect(await scrape()).toContain('sum{of="all"} 1');
  });
});
