import type { MetricRecord } from '#core/records.js';

const DAY_MS = 86_400_000;

/** What the rule reads of a metric's window. */
export type UtilisationStatistics = Pick<MetricRecord, 'average' | 'p05' | 'sampleCount' | 'coverage' | 'from' | 'to'>;

/** A machine's statistics; null where the metric was never read. */
export interface UtilisationInput {
  /** Of `Percentage CPU`. */
  cpu: UtilisationStatistics | null;
  /** Of `Available Memory Percentage`. */
  memory: UtilisationStatistics | null;
  /** The instant at which it is judged: statistics grow old. */
  now: Date;
}

/** Where the rule draws its lines. */
export interface UtilisationThresholds {
  /** The average CPU, in percent, from which on a machine is in use; above 0, at most 100. */
  cpuAverageBelow: number;
  /** The 95th percentile of used memory, in percent, from which on memory is short; above 0, at most 100. */
  memoryUsedP95From: number;
  /** Share of a window's points that must have a value; above 0, at most 1. */
  minimumCoverage: number;
  /** How long ago, in days, a window may end; above 0, at most 93, which is as long as Monitor keeps metrics. */
  maximumAgeDays: number;
}

export const UTILISATION_DEFAULTS: Readonly<UtilisationThresholds> = {
  cpuAverageBelow: 10,
  memoryUsedP95From: 80,
  minimumCoverage: 0.25,
  maximumAgeDays: 3,
};

export const UTILISATION_VERDICTS = ['underutilised', 'in_use', 'not_evaluated'] as const;
export type UtilisationVerdict = (typeof UTILISATION_VERDICTS)[number];

/** Every reason there is, by the verdict that it leads to. */
const VERDICT_OF = {
  low_use: 'underutilised',
  cpu_in_use: 'in_use',
  memory_pressure: 'in_use',
  no_cpu_data: 'not_evaluated',
  stale_cpu_data: 'not_evaluated',
  low_cpu_coverage: 'not_evaluated',
  no_memory_data: 'not_evaluated',
  stale_memory_data: 'not_evaluated',
  low_memory_coverage: 'not_evaluated',
} as const satisfies Record<string, UtilisationVerdict>;
export type UtilisationReason = keyof typeof VERDICT_OF;
export const UTILISATION_REASONS = Object.keys(VERDICT_OF) as UtilisationReason[];

interface EvidenceWindow {
  from_at: Date;
  to_at: Date;
  sample_count: number;
  coverage: number | null;
}

/** The values behind a verdict, named as they are stored and shown; null for what is absent, which is not zero. */
export interface UtilisationEvidence {
  cpu: (EvidenceWindow & { average: number | null }) | null;
  memory: (EvidenceWindow & { available_p05: number | null; used_p95: number | null }) | null;
  thresholds: {
    cpu_average_below: number;
    memory_used_p95_from: number;
    minimum_coverage: number;
    maximum_age_days: number;
  };
}

export interface UtilisationResult {
  verdict: UtilisationVerdict;
  reasonCode: UtilisationReason;
  /** The same as a sentence. */
  reason: string;
  evidence: UtilisationEvidence;
}

/** Whether a machine computes little and has memory to spare; false as well where that cannot be told. */
export function isUnderutilisedVirtualMachine(
  input: UtilisationInput,
  thresholds: Partial<UtilisationThresholds> = {},
): boolean {
  return evaluateVirtualMachineUtilisation(input, thresholds).verdict === 'underutilised';
}

/**
 * Judges how a virtual machine is used, with the reason and the evidence. Both metrics must be known well enough, and of
 * late: a machine whose memory nobody saw may not be called idle. Throws RangeError for a threshold out of its bounds.
 */
export function evaluateVirtualMachineUtilisation(
  { cpu, memory, now }: UtilisationInput,
  thresholds: Partial<UtilisationThresholds> = {},
): UtilisationResult {
  const limits = checkedThresholds(thresholds);
  const average = measured(cpu, cpu?.average);
  const available = measured(memory, memory?.p05);
  // What is used is what is not available, so its highest values are where the available ones are lowest.
  const usedP95 = available === null ? null : Math.max(0, 100 - available);
  const oldest = new Date(now.getTime() - limits.maximumAgeDays * DAY_MS);
  const [reasonCode, reason] = judge(cpu, memory, average, usedP95, oldest, limits);
  return {
    verdict: VERDICT_OF[reasonCode],
    reasonCode,
    reason,
    evidence: {
      cpu: cpu && { average, ...windowOf(cpu) },
      memory: memory && { available_p05: available, used_p95: usedP95, ...windowOf(memory) },
      thresholds: {
        cpu_average_below: limits.cpuAverageBelow,
        memory_used_p95_from: limits.memoryUsedP95From,
        minimum_coverage: limits.minimumCoverage,
        maximum_age_days: limits.maximumAgeDays,
      },
    },
  };
}

function judge(
  cpu: UtilisationStatistics | null,
  memory: UtilisationStatistics | null,
  average: number | null,
  usedP95: number | null,
  oldest: Date,
  limits: UtilisationThresholds,
): [UtilisationReason, string] {
  if (!cpu || average === null) return ['no_cpu_data', 'There is no CPU data.'];
  if (!memory || usedP95 === null) return ['no_memory_data', 'There is no memory data.'];
  const ago = `more than ${limits.maximumAgeDays} ${limits.maximumAgeDays === 1 ? 'day' : 'days'} ago`;
  if (cpu.to < oldest) return ['stale_cpu_data', `CPU data ends at ${minuteOf(cpu.to)}, ${ago}.`];
  if (memory.to < oldest) return ['stale_memory_data', `Memory data ends at ${minuteOf(memory.to)}, ${ago}.`];
  const needed = `at least ${percent(100 * limits.minimumCoverage)} is needed`;
  // Written so that a coverage that is no number is too little.
  if (!(cpu.coverage >= limits.minimumCoverage)) {
    return ['low_cpu_coverage', `CPU was measured in ${percent(100 * cpu.coverage)} of the window; ${needed}.`];
  }
  if (!(memory.coverage >= limits.minimumCoverage)) {
    return [
      'low_memory_coverage',
      `Memory was measured in ${percent(100 * memory.coverage)} of the window; ${needed}.`,
    ];
  }
  if (average >= limits.cpuAverageBelow) {
    return ['cpu_in_use', `CPU averaged ${percent(average)}, not below ${percent(limits.cpuAverageBelow)}.`];
  }
  if (usedP95 >= limits.memoryUsedP95From) {
    const used = `The 95th percentile of used memory is ${percent(usedP95)}`;
    return ['memory_pressure', `${used}, not below ${percent(limits.memoryUsedP95From)}.`];
  }
  return [
    'low_use',
    `CPU averaged ${percent(average)}, below ${percent(limits.cpuAverageBelow)}, and 95 % of the time at most ${percent(usedP95)} of the memory was used.`,
  ];
}

/** A value of a window that had samples; what is no finite number from zero on was not measured. */
function measured(statistics: UtilisationStatistics | null, value: number | null | undefined): number | null {
  if (!statistics || !(statistics.sampleCount > 0)) return null;
  return value != null && Number.isFinite(value) && value >= 0 ? value : null;
}

function windowOf({ from, to, sampleCount, coverage }: UtilisationStatistics): EvidenceWindow {
  return {
    from_at: from,
    to_at: to,
    sample_count: sampleCount,
    coverage: Number.isFinite(coverage) ? coverage : null,
  };
}

const UPPER_BOUNDS: Readonly<UtilisationThresholds> = {
  cpuAverageBelow: 100,
  memoryUsedP95From: 100,
  minimumCoverage: 1,
  maximumAgeDays: 93,
};

function checkedThresholds(given: Partial<UtilisationThresholds>): UtilisationThresholds {
  const limits = { ...UTILISATION_DEFAULTS };
  for (const name of Object.keys(UPPER_BOUNDS) as (keyof UtilisationThresholds)[]) {
    const value = given[name] ?? limits[name];
    if (!(value > 0 && value <= UPPER_BOUNDS[name])) {
      throw new RangeError(`${name} must be above 0 and at most ${UPPER_BOUNDS[name]}, but is ${value}.`);
    }
    limits[name] = value;
  }
  return limits;
}

/** Cut, not rounded, to two places: 9.999 shown as 10 would contradict "below 10". */
function percent(value: number): string {
  const cut = Math.floor(value * 100 + 1e-9) / 100;
  return Number.isFinite(cut) ? `${cut} %` : 'an unknown share';
}

/** 2026-04-12T05:59Z */
function minuteOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 16)}Z`;
}
