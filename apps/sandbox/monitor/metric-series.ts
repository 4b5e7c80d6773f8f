import { mix32 } from '../estate/seeded-random.js';
import type { MetricLife } from './metric-life.js';
import type { Signal } from './metric-signal.js';

/**
 * The minutes of an hour as deviations from its average, in units that differ per hour. They add up to nothing, so an
 * hour's average, minimum and maximum are known without looking at its minutes, and still every minute has a value.
 */
const SHAPE: readonly number[] = spread([
  ...[12, 8, 6, 4, 3, 2, 2, 1, 1, 1],
  ...Array<number>(4).fill(-3),
  ...Array<number>(8).fill(-2),
  ...Array<number>(12).fill(-1),
  ...Array<number>(26).fill(0),
]);
const HIGHEST = 12;
const LOWEST = 3;

/** Load over the 168 hours of a week that starts on Monday, as a deviation whose mean is nothing. */
const WEEK = centred(
  Array.from({ length: 168 }, (_, hour) => {
    const isWorking = hour < 120 && hour % 24 >= 8 && hour % 24 < 18;
    return isWorking ? 1 : hour >= 120 ? -0.4 : -0.3;
  }),
);
/** Machines that are deallocated at night and at weekends run eleven hours, as they are billed. */
const OFFICE_HOURS = Array.from({ length: 168 }, (_, hour) => hour < 120 && hour % 24 >= 7 && hour % 24 < 18);

/** The values of one metric of one resource: a pure function of signal and minute, read in buckets. */
export class MetricSeries {
  /** Of the bucket last read, in the signal's whole units; without meaning when `count` is 0. */
  sum = 0;
  minimum = 0;
  maximum = 0;
  /** Minutes that have a value. */
  count = 0;
  private hourAverage = 0;
  private hourUnit = 0;
  private hourOffset = 0;

  constructor(
    private readonly signal: Signal,
    private readonly life: MetricLife,
  ) {}

  /** Reads the minutes from `fromMinute` to before `toMinute` into `sum`, `minimum`, `maximum` and `count`. */
  read(fromMinute: number, toMinute: number): void {
    this.count = 0;
    this.sum = 0;
    const from = Math.max(fromMinute, this.life.fromMinute);
    const to = Math.min(toMinute, this.life.toMinute);
    if (from >= to) return;
    const { isInverted } = this.signal;
    let lowest = Infinity;
    let highest = -Infinity;
    for (let hour = Math.floor(from / 60); hour * 60 < to; hour++) {
      // 1970 began on a Thursday.
      const hourOfWeek = (hour + 72) % 168;
      if (this.life.isOfficeHoursOnly && !OFFICE_HOURS[hourOfWeek]) continue;
      this.enter(hour, hourOfWeek);
      const start = Math.max(from - hour * 60, 0);
      const end = Math.min(to - hour * 60, 60);
      if (end - start === 60) {
        const low = this.hourAverage - this.hourUnit * (isInverted ? HIGHEST : LOWEST);
        const high = this.hourAverage + this.hourUnit * (isInverted ? LOWEST : HIGHEST);
        if (low < lowest) lowest = low;
        if (high > highest) highest = high;
        this.sum += this.hourAverage * 60;
      } else {
        for (let minute = start; minute < end; minute++) {
          const deviation = (SHAPE[(minute + this.hourOffset) % 60] as number) * this.hourUnit;
          const value = isInverted ? this.hourAverage - deviation : this.hourAverage + deviation;
          if (value < lowest) lowest = value;
          if (value > highest) highest = value;
          this.sum += value;
        }
      }
      this.count += end - start;
    }
    this.minimum = lowest;
    this.maximum = highest;
  }

  private enter(hour: number, hourOfWeek: number): void {
    const { seed, level, cycle, jitter, spread: reach, ceiling, isInverted } = this.signal;
    const bits = mix32(seed, hour);
    const noise = 1 + jitter * (((bits & 1023) - 511.5) / 511.5);
    const average = Math.round(
      Math.min(ceiling, Math.max(0, level * (1 + cycle * (WEEK[hourOfWeek] as number)) * noise)),
    );
    const wanted = (average * reach * (0.5 + ((bits >>> 10) & 1023) / 2046)) / HIGHEST;
    const below = average / (isInverted ? HIGHEST : LOWEST);
    const above = (ceiling - average) / (isInverted ? LOWEST : HIGHEST);
    this.hourAverage = average;
    this.hourUnit = Math.floor(Math.min(wanted, below, above));
    this.hourOffset = (bits >>> 20) % 60;
  }
}

/** Mixes the minutes; 37 has no common divisor with 60, so each keeps a place. */
function spread(values: readonly number[]): number[] {
  return values.map((_, index) => values[(index * 37) % values.length] as number);
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
