import { VM_SIZES } from '../estate/meters.js';
import type { Resource, UtilizationProfile } from '../estate/resource.js';
import { hash32 } from '../estate/seeded-random.js';
import { powerStateOf, utilizationProfileOf } from '../estate/utilization-profile.js';
import type { MetricDefinition, SignalName } from './metric-definition.js';

/** How a metric of one resource behaves; values are whole numbers in units of `1 / scale`. */
export interface Signal {
  readonly seed: number;
  /** Mean over a week. */
  readonly level: number;
  /** How strongly it follows working hours, 0 to 1. */
  readonly cycle: number;
  /** Share by which hours differ at random. */
  readonly jitter: number;
  /** How far the hour's highest minute lies above its average, as a share of it. */
  readonly spread: number;
  readonly ceiling: number;
  readonly scale: 1 | 1000;
  /** True when the outliers are lows, as of available memory. */
  readonly isInverted: boolean;
}

interface Load {
  readonly cpu: readonly [number, number];
  /** Percent of memory that is available. */
  readonly free: readonly [number, number];
  /** Traffic and disk load, as a share of a busy machine's. */
  readonly intensity: readonly [number, number];
  readonly cycle: number;
  readonly spread: number;
}

const LOADS: Readonly<Record<UtilizationProfile, Load>> = {
  idle: { cpu: [2.2, 4.5], free: [70, 88], intensity: [0.0005, 0.002], cycle: 0.05, spread: 0.6 },
  underutilized: { cpu: [5.5, 8.5], free: [50, 75], intensity: [0.01, 0.04], cycle: 0.1, spread: 1.4 },
  'memory-bound': { cpu: [4, 8], free: [4, 9], intensity: [0.02, 0.08], cycle: 0.1, spread: 1 },
  normal: { cpu: [22, 42], free: [30, 60], intensity: [0.1, 0.4], cycle: 0.5, spread: 0.9 },
  busy: { cpu: [62, 80], free: [12, 35], intensity: [0.5, 1], cycle: 0.15, spread: 0.2 },
  'no-memory-data': { cpu: [5.5, 8.5], free: [0, 0], intensity: [0.01, 0.04], cycle: 0.1, spread: 1.4 },
  'no-data': { cpu: [0, 0], free: [0, 0], intensity: [0, 0], cycle: 0, spread: 0 },
};
const STOPPED: Load = { cpu: [0, 0], free: [0, 0], intensity: [0, 0], cycle: 0, spread: 0 };
const GIB = 1024 ** 3;
const BUSY_BYTES_PER_MINUTE = 120_000_000;
const BUSY_OPERATIONS_PER_SECOND = 400;

/** The signal of a metric of a resource, or nothing when the resource does not emit the metric. */
export function signalOf(resource: Resource, definition: MetricDefinition): Signal | undefined {
  const decided = resource.levels?.[definition.name];
  if (decided === null) return undefined;
  if (decided !== undefined) return steady(resource, definition, decided);
  const profile = profileOf(resource);
  const isStopped = powerStateOf(resource) === 'stopped';
  if (profile === 'no-data' || !emits(resource, definition.signal, profile, isStopped)) return undefined;
  const load = isStopped ? STOPPED : LOADS[profile];
  const seed = hash32(resource.seed, definition.name.toLowerCase());
  const intensity = between(load.intensity, resource.seed, 'intensity');
  const signal = (level: number, over: Partial<Signal> = {}): Signal => ({
    seed,
    level: Math.round(level),
    cycle: load.cycle,
    jitter: 0.12,
    spread: load.spread,
    ceiling: Number.MAX_SAFE_INTEGER,
    scale: 1,
    isInverted: false,
    ...over,
  });
  const percent = (level: number, over: Partial<Signal> = {}): Signal =>
    signal(level * 1000, { scale: 1000, ceiling: 100_000, ...over });
  const own = 0.4 + (seed % 1000) / 1000;

  switch (definition.signal) {
    case 'cpu':
      return percent(between(load.cpu, resource.seed, 'cpu'));
    case 'memory-percent':
    case 'memory-bytes': {
      // Both tell the same memory, so they share a seed.
      const memory = { seed: hash32(resource.seed, 'memory'), cycle: load.cycle * 0.3, spread: 0.3, isInverted: true };
      const free = between(load.free, resource.seed, 'free');
      const bytes = memoryBytesOf(resource);
      return definition.signal === 'memory-percent'
        ? percent(free, memory)
        : signal((free / 100) * bytes, { ...memory, ceiling: bytes });
    }
    case 'network':
    case 'disk-bytes':
      return signal((intensity * BUSY_BYTES_PER_MINUTE * own) / (definition.unit === 'BytesPerSecond' ? 60 : 1), {
        spread: 3,
      });
    case 'disk-operations':
      return signal(intensity * BUSY_OPERATIONS_PER_SECOND * own * 1000, { scale: 1000, spread: 3 });
    case 'requests':
      return signal(intensity * 30_000 * own + 1, { spread: 3 });
    case 'load-percent':
    case 'data-disk-percent':
    case 'dtu-percent':
      return percent(Math.min(95, intensity * 90 * own), { spread: 1.5 });
    case 'queue-length':
      return signal(intensity * 4000, { scale: 1000, spread: 3 });
    case 'milliseconds':
      return signal(5_000 + intensity * 20_000, { scale: 1000 });
    case 'cpu-credits':
      return signal(400, { cycle: 0, jitter: 0.02, spread: 0 });
    case 'availability':
      return signal(isStopped ? 0 : definition.unit === 'Percent' ? 100 : 1, { cycle: 0, jitter: 0, spread: 0 });
    case 'space-percent':
      return percent(15 + (seed % 60), { cycle: 0.02, jitter: 0.02, spread: 0.05 });
    case 'space-bytes':
      return signal(spaceBytesOf(resource), { cycle: 0, jitter: 0.002, spread: 0 });
  }
}

/** A signal that hardly moves, for a resource whose use somebody has decided. */
function steady(resource: Resource, definition: MetricDefinition, level: number): Signal {
  return {
    seed: hash32(resource.seed, definition.name.toLowerCase()),
    level: Math.round(level * 1000),
    cycle: 0,
    jitter: 0.02,
    spread: 0.05,
    ceiling: definition.unit === 'Percent' ? 100_000 : Number.MAX_SAFE_INTEGER,
    scale: 1000,
    isInverted: false,
  };
}

/** A machine has a profile of its own; everything else is idle when nothing uses it. */
function profileOf(resource: Resource): UtilizationProfile {
  if (resource.type.startsWith('Microsoft.Compute/virtualMachine')) return utilizationProfileOf(resource);
  const isUnused =
    resource.properties['numberOfSites'] === 0 ||
    resource.properties['diskState'] === 'Unattached' ||
    resource.name.endsWith('/archive');
  return isUnused ? 'idle' : ((['underutilized', 'normal', 'busy'] as const)[resource.seed % 3] ?? 'normal');
}

function emits(resource: Resource, signal: SignalName, profile: UtilizationProfile, isStopped: boolean): boolean {
  switch (signal) {
    case 'memory-bytes':
    case 'memory-percent':
      return profile !== 'no-memory-data' && !isStopped;
    case 'cpu-credits':
      return sizeOf(resource).startsWith('Standard_B');
    case 'data-disk-percent':
      return (
        ((resource.properties['storageProfile'] as { dataDisks?: unknown[] } | undefined)?.dataDisks ?? []).length > 0
      );
    case 'dtu-percent':
      return !resource.kind.includes('vcore');
    default:
      return resource.properties['diskState'] !== 'Unattached';
  }
}

function sizeOf(resource: Resource): string {
  return (resource.properties['hardwareProfile'] as { vmSize?: string } | undefined)?.vmSize ?? '';
}

function memoryBytesOf(resource: Resource): number {
  const name = sizeOf(resource);
  return (VM_SIZES.find((size) => size.name === name)?.memoryGiB ?? 8) * GIB;
}

/** Stored data as billed: a month's unit of a gigabyte is metered in daily parts of 1/30.4167. */
function spaceBytesOf(resource: Resource): number {
  const [capacity] = resource.meters;
  return resource.type === 'Microsoft.Storage/storageAccounts' && capacity
    ? Math.round(capacity.dailyMicroUnits / 32_877) * GIB
    : (5 + (resource.seed % 200)) * GIB;
}

function between([low, high]: readonly [number, number], seed: number, what: string): number {
  return low + ((high - low) * hash32(seed, what)) / 0x1_0000_0000;
}
