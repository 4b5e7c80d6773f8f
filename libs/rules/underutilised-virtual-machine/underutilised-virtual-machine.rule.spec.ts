import { describe, expect, it } from 'vitest';
import {
  evaluateVirtualMachineUtilisation,
  isUnderutilisedVirtualMachine as isUnderutilised,
  UTILISATION_DEFAULTS,
  type UtilisationInput,
  type UtilisationStatistics,
} from './underutilised-virtual-machine.rule.js';

const now = new Date('2026-04-15T06:00:00Z');
const window = { from: new Date('2026-04-01T00:00:00Z'), to: new Date('2026-04-15T00:00:00Z') };
const cpu = (changes: Partial<UtilisationStatistics> = {}): UtilisationStatistics => ({
  ...window,
  average: 4,
  p05: 1,
  sampleCount: 336,
  coverage: 1,
  ...changes,
});
/** Of available memory: what is used is the rest. */
const memory = (changes: Partial<UtilisationStatistics> = {}) => cpu({ average: 70, p05: 60, ...changes });
type Known = Omit<UtilisationInput, 'now'>;
type Thresholds = Parameters<typeof evaluateVirtualMachineUtilisation>[1];
const evaluate = (known: Known, thresholds?: Thresholds) =>
  evaluateVirtualMachineUtilisation({ ...known, now }, thresholds);
const isUnderutilisedVirtualMachine = (known: Known) => isUnderutilised({ ...known, now });
const codeOf = (...input: Parameters<typeof evaluate>) => evaluate(...input).reasonCode;

describe('a virtual machine', () => {
  it('is underutilised when it computes little and memory is not short', () => {
    const { verdict, reasonCode, reason } = evaluate({ cpu: cpu(), memory: memory() });
    expect([verdict, reasonCode]).toEqual(['underutilised', 'low_use']);
    expect(reason).toBe('CPU averaged 4 %, below 10 %, and 95 % of the time at most 40 % of the memory was used.');
    expect(isUnderutilisedVirtualMachine({ cpu: cpu(), memory: memory() })).toBe(true);
  });

  it('is in use when it computes', () => {
    const result = evaluate({ cpu: cpu({ average: 34.256 }), memory: memory() });
    expect([result.verdict, result.reasonCode]).toEqual(['in_use', 'cpu_in_use']);
    expect(result.reason).toBe('CPU averaged 34.25 %, not below 10 %.');
    expect(isUnderutilisedVirtualMachine({ cpu: cpu({ average: 34 }), memory: memory() })).toBe(false);
  });

  it('is in use when memory is short, however little it computes', () => {
    const result = evaluate({ cpu: cpu({ average: 0 }), memory: memory({ p05: 3 }) });
    expect([result.verdict, result.reasonCode]).toEqual(['in_use', 'memory_pressure']);
    expect(result.reason).toContain('97 %');
  });

  it('is described without contradiction close to a threshold', () => {
    const { reason } = evaluate({ cpu: cpu({ average: 9.9999 }), memory: memory({ p05: 20.00001 }) });
    expect(reason).toContain('averaged 9.99 %, below 10 %');
    expect(reason).toContain('at most 79.99 %');
    expect(evaluate({ cpu: cpu(), memory: memory({ coverage: Number.NaN }) }).reason).toContain('an unknown share');
  });

  it('with more memory available than there is used none', () => {
    expect(evaluate({ cpu: cpu(), memory: memory({ p05: 100.01 }) }).evidence.memory!.used_p95).toBe(0);
  });

  it.each([
    [9.999, 'low_use'],
    [10, 'cpu_in_use'],
    [10.001, 'cpu_in_use'],
    [0, 'low_use'],
  ])('whose CPU averages %f %%: %s', (average, code) =>
    expect(codeOf({ cpu: cpu({ average }), memory: memory() })).toBe(code),
  );

  it.each([
    [20.1, 'low_use'],
    [20, 'memory_pressure'],
    [19.9, 'memory_pressure'],
    [0, 'memory_pressure'],
    [100, 'low_use'],
  ])('with %f %% of its memory available in the worst hours: %s', (p05, code) =>
    expect(codeOf({ cpu: cpu(), memory: memory({ p05 }) })).toBe(code),
  );
});

describe('no verdict', () => {
  const absent: [string, UtilisationStatistics | null][] = [
    ['never read', null],
    ['without samples', cpu({ average: null, p05: null, sampleCount: 0, coverage: 0 })],
    ['without samples, though with zeros', cpu({ average: 0, p05: 0, sampleCount: 0, coverage: 0 })],
    ['with null', cpu({ average: null, p05: null })],
    ['with NaN', cpu({ average: Number.NaN, p05: Number.NaN })],
    ['with Infinity', cpu({ average: Infinity, p05: Infinity })],
    ['below zero', cpu({ average: -1, p05: -1 })],
  ];

  it.each(absent)('without CPU data: %s', (_, statistics) => {
    const result = evaluate({ cpu: statistics, memory: memory() });
    expect([result.verdict, result.reasonCode]).toEqual(['not_evaluated', 'no_cpu_data']);
    expect(isUnderutilisedVirtualMachine({ cpu: statistics, memory: memory() })).toBe(false);
  });

  it.each(absent)('without memory data: %s', (_, statistics) => {
    const result = evaluate({ cpu: cpu(), memory: statistics });
    expect([result.verdict, result.reasonCode]).toEqual(['not_evaluated', 'no_memory_data']);
    expect(isUnderutilisedVirtualMachine({ cpu: cpu(), memory: statistics })).toBe(false);
  });

  it('without memory data, even where CPU alone would say "in use": a verdict rests on both', () => {
    expect(codeOf({ cpu: cpu({ average: 90 }), memory: null })).toBe('no_memory_data');
  });

  it.each([0, 0.249, Number.NaN])('when only %f of the points had a value', (coverage) => {
    const ofCpu = evaluate({ cpu: cpu({ coverage }), memory: memory() });
    expect([ofCpu.verdict, ofCpu.reasonCode]).toEqual(['not_evaluated', 'low_cpu_coverage']);
    const ofMemory = evaluate({ cpu: cpu(), memory: memory({ coverage }) });
    expect([ofMemory.verdict, ofMemory.reasonCode]).toEqual(['not_evaluated', 'low_memory_coverage']);
  });

  it('is said with how much there was and how much is needed', () => {
    expect(evaluate({ cpu: cpu({ coverage: 0.125 }), memory: memory() }).reason).toBe(
      'CPU was measured in 12.5 % of the window; at least 25 % is needed.',
    );
  });

  it('but a quarter of the points is enough', () => {
    expect(codeOf({ cpu: cpu({ coverage: 0.25 }), memory: memory({ coverage: 0.25 }) })).toBe('low_use');
  });

  it('is missing for no machine that runs in office hours: ten on five days of the week', () => {
    const coverage = 50 / 168;
    expect(codeOf({ cpu: cpu({ coverage }), memory: memory({ coverage }) })).toBe('low_use');
    expect(codeOf({ cpu: cpu({ coverage, average: 40 }), memory: memory({ coverage }) })).toBe('cpu_in_use');
  });

  const tooOld = new Date('2026-04-12T05:59:59.999Z');
  it.each([tooOld, new Date('2026-01-01T00:00:00Z')])('from metrics that end at %s', (to) => {
    const ofCpu = evaluate({ cpu: cpu({ to }), memory: memory() });
    expect([ofCpu.verdict, ofCpu.reasonCode]).toEqual(['not_evaluated', 'stale_cpu_data']);
    const ofMemory = evaluate({ cpu: cpu(), memory: memory({ to }) });
    expect([ofMemory.verdict, ofMemory.reasonCode]).toEqual(['not_evaluated', 'stale_memory_data']);
    expect(isUnderutilisedVirtualMachine({ cpu: cpu({ to }), memory: memory() })).toBe(false);
  });

  it('from old metrics is said with their age, however much they covered', () => {
    expect(evaluate({ cpu: cpu({ to: tooOld, coverage: 0.1 }), memory: memory() }).reason).toBe(
      'CPU data ends at 2026-04-12T05:59Z, more than 3 days ago.',
    );
    expect(evaluate({ cpu: cpu(), memory: memory({ to: tooOld }) }, { maximumAgeDays: 1 }).reason).toBe(
      'Memory data ends at 2026-04-12T05:59Z, more than 1 day ago.',
    );
  });

  it.each([new Date('2026-04-12T06:00:00Z'), now, new Date('2026-04-15T07:00:00Z')])(
    'is not missing for metrics that end at %s',
    (to) => expect(codeOf({ cpu: cpu({ to }), memory: memory({ to }) })).toBe('low_use'),
  );
});

describe('the evidence', () => {
  it('is what the verdict rests on, ready to be stored', () => {
    const { evidence } = evaluate({ cpu: cpu(), memory: memory({ p05: 20.1, sampleCount: 300, coverage: 0.9 }) });
    expect(evidence).toEqual({
      cpu: { average: 4, from_at: window.from, to_at: window.to, sample_count: 336, coverage: 1 },
      memory: {
        available_p05: 20.1,
        used_p95: 79.9,
        from_at: window.from,
        to_at: window.to,
        sample_count: 300,
        coverage: 0.9,
      },
      thresholds: { cpu_average_below: 10, memory_used_p95_from: 80, minimum_coverage: 0.25, maximum_age_days: 3 },
    });
  });

  it('shows null for what is absent or no number, never zero', () => {
    const broken = cpu({ average: Number.NaN, p05: Infinity, coverage: Number.NaN });
    const { evidence } = evaluate({ cpu: broken, memory: broken });
    expect(evidence.cpu).toMatchObject({ average: null, coverage: null });
    expect(evidence.memory).toMatchObject({ available_p05: null, used_p95: null, coverage: null });
    expect(evaluate({ cpu: null, memory: null }).evidence).toMatchObject({ cpu: null, memory: null });
  });
});

describe('thresholds', () => {
  it('can be set one by one', () => {
    const input = { cpu: cpu({ average: 15, coverage: 0.3 }), memory: memory({ p05: 15 }) };
    expect(codeOf(input, { cpuAverageBelow: 20, memoryUsedP95From: 90, minimumCoverage: 0.3 })).toBe('low_use');
    expect(codeOf(input, { minimumCoverage: 0.3 })).toBe('cpu_in_use');
    expect(codeOf(input, { cpuAverageBelow: 20, minimumCoverage: 0.3 })).toBe('memory_pressure');
    expect(evaluate(input, { minimumCoverage: 0.3 }).evidence.thresholds).toEqual({
      cpu_average_below: UTILISATION_DEFAULTS.cpuAverageBelow,
      memory_used_p95_from: UTILISATION_DEFAULTS.memoryUsedP95From,
      minimum_coverage: 0.3,
      maximum_age_days: UTILISATION_DEFAULTS.maximumAgeDays,
    });
    expect(codeOf({ cpu: cpu(), memory: memory() }, { maximumAgeDays: 0.25 })).toBe('low_use');
    expect(codeOf({ cpu: cpu(), memory: memory() }, { maximumAgeDays: 0.24 })).toBe('stale_cpu_data');
  });

  it('keep their default where undefined is given', () => {
    expect(codeOf({ cpu: cpu(), memory: memory() }, { cpuAverageBelow: undefined })).toBe('low_use');
  });

  it.each([
    { cpuAverageBelow: 0 },
    { cpuAverageBelow: 100.1 },
    { cpuAverageBelow: Number.NaN },
    { memoryUsedP95From: 0 },
    { memoryUsedP95From: 101 },
    { minimumCoverage: 0 },
    { minimumCoverage: 1.01 },
    { minimumCoverage: Number.NaN },
    { maximumAgeDays: 0 },
    { maximumAgeDays: 94 },
    { maximumAgeDays: Number.NaN },
  ])('out of bounds are a mistake of the caller: %j', (thresholds) =>
    expect(() => evaluate({ cpu: cpu(), memory: memory() }, thresholds)).toThrow(RangeError),
  );

  it.each([{ cpuAverageBelow: 100 }, { memoryUsedP95From: 100 }, { minimumCoverage: 1 }, { maximumAgeDays: 93 }])(
    'may be at their upper bound: %j',
    (thresholds) => expect(codeOf({ cpu: cpu(), memory: memory() }, thresholds)).toBe('low_use'),
  );
});
