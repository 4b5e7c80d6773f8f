import { Counter, Gauge, type Registry } from 'prom-client';

/** Prometheus gives a scrape ten seconds; one that hangs must leave the others time to be sent. */
const LONGEST_ANSWER_MS = 4_000;

/** One value of a gauge with its labels. */
export type GaugeSample<Label extends string = never> = { value: number } & Record<Label, string>;

interface QueriedGauge<Label extends string> {
  name: string;
  help: string;
  labelNames: readonly Label[];
  ask: () => Promise<readonly GaugeSample<Label>[]>;
  /** How long an answer may be shown again; zero asks for every scrape. */
  keptMs?: number;
}

/**
 * Gauges whose values are asked for when Prometheus comes. One without an answer has no samples and is counted; the rest of
 * the process's metrics is sent all the same, because it is wanted most while the database is away.
 */
export class QueriedGauges {
  private readonly failures: Counter<'metric'>;

  constructor(
    private readonly registry: Registry,
    private readonly longestMs = LONGEST_ANSWER_MS,
  ) {
    this.failures = new Counter({
      name: 'azcops_metric_queries_failed_total',
      help: 'Metrics that the database did not answer for in time.',
      labelNames: ['metric'],
      registers: [registry],
    });
  }

  add<Label extends string>({ name, help, labelNames, ask, keptMs = 0 }: QueriedGauge<Label>): void {
    const { failures, longestMs } = this;
    failures.inc({ metric: name }, 0);
    let kept: { at: number; samples: readonly GaugeSample<Label>[] } | null = null;
    let pending: Promise<readonly GaugeSample<Label>[]> | null = null;
    const samples = async () => {
      if (kept && performance.now() - kept.at < keptMs) return kept.samples;
      // A question that is still open is not put again: scrapes must not pile up on a slow database.
      pending ??= ask().finally(() => (pending = null));
      const answer = await within(pending, longestMs);
      kept = { at: performance.now(), samples: answer };
      return answer;
    };
    this.registry.registerMetric(
      new Gauge<Label>({
        name,
        help,
        labelNames,
        registers: [],
        async collect() {
          const answer = await samples().catch(() => null);
          if (!answer) failures.inc({ metric: name });
          this.reset();
          // One without labels is zero once it is reset, which nobody said.
          if (!answer && labelNames.length === 0) this.remove();
          for (const { value, ...labels } of answer ?? []) this.set(labels as unknown as Record<Label, string>, value);
        },
      }),
    );
  }
}

/** What comes of a promise; rejects where it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
