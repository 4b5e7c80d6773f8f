import type { Day } from '#core/day.js';
import { networkCard, publicAddress, snapshot, unattachedDisk, virtualMachine } from './compute-workloads.js';
import type { Subscription } from './estate.js';
import { taggedVariants, usedDisks, usedNetworkParts, youngSnapshot } from './look-alikes.js';
import { APPLICATIONS, LOCATIONS } from './names.js';
import { PLANTED_EXPERIMENTS, PLANTED_WASTE } from './planted/planted-waste.js';
import {
  cluster,
  database,
  keyVault,
  logWorkspace,
  network,
  storageAccount,
  webApplication,
} from './platform-workloads.js';
import type { Resource } from './resource.js';
import { SeededRandom, hash32 } from './seeded-random.js';
import { WorkloadContext, dayNumber, dayOfNumber } from './workload.js';

/** Related resources that are created and deleted together, alive in the inclusive range of day numbers. */
export interface Workload {
  readonly aliveFrom: number;
  readonly aliveTo: number;
  readonly resources: readonly Resource[];
}

/** A place in a subscription that is always taken by one workload; short-lived ones follow each other. */
interface Slot {
  readonly index: number;
  readonly kind: Kind;
  /** How many of the workload's resources fit the subscription's size. */
  readonly limit: number;
  /** Days each workload lives; 0 for those that stay. */
  readonly period: number;
  readonly phase: number;
}

interface Kind {
  readonly size: number;
  readonly isShortLived: boolean;
  /** Days each of its workloads lives; drawn for short-lived kinds without. */
  readonly period?: number;
  readonly build: (context: WorkloadContext) => void;
  /** The tags of all its resources; drawn where absent. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A machine with its system disk and network card. */
const MACHINE: Kind = { size: 3, isShortLived: true, build: (context) => virtualMachine(context, 'none') };
const MACHINE_WITH_DISK: Kind = {
  size: 4,
  isShortLived: true,
  build: (context) => virtualMachine(context, 'data-disk'),
};
const MACHINE_WITH_ADDRESS: Kind = {
  size: 4,
  isShortLived: true,
  build: (context) => virtualMachine(context, 'public-ip'),
};

/** How many resources a machine brings when their number is given. */
export const RESOURCES_PER_MACHINE = MACHINE.size;

/** Every kind with its number of resources; the order is the one in which small subscriptions are filled. */
const KINDS: readonly Kind[] = [
  MACHINE_WITH_DISK,
  { size: 3, isShortLived: false, build: webApplication },
  { size: 1, isShortLived: true, build: unattachedDisk },
  { size: 1, isShortLived: false, build: storageAccount },
  MACHINE_WITH_ADDRESS,
  { size: 3, isShortLived: false, build: database },
  {
    size: 1,
    isShortLived: false,
    build: (context: WorkloadContext) =>
      publicAddress(context, `pip-${context.application}-${context.suffix}`, 'orphaned'),
  },
  { size: 1, isShortLived: true, build: snapshot },
  { size: 4, isShortLived: false, build: network },
  MACHINE,
  { size: 1, isShortLived: false, build: (context: WorkloadContext) => networkCard(context, '') },
  { size: 1, isShortLived: false, build: keyVault },
  { size: 1, isShortLived: false, build: cluster },
  { size: 1, isShortLived: false, build: logWorkspace },
];
const OTHER_KINDS = KINDS.filter(
  (kind) => kind !== MACHINE && kind !== MACHINE_WITH_DISK && kind !== MACHINE_WITH_ADDRESS,
);

/** Come once, after every other kind has come, in subscriptions that are large enough. */
const LOOK_ALIKES: readonly Kind[] = [
  { size: 5, isShortLived: false, build: usedDisks },
  { size: 5, isShortLived: false, build: usedNetworkParts },
  { size: 1, isShortLived: true, period: 60, build: youngSnapshot },
  { size: 8, isShortLived: false, build: taggedVariants },
];

const plantedAs = (builds: typeof PLANTED_WASTE, environment: string): readonly Kind[] =>
  builds.map((build) => ({
    size: 0,
    isShortLived: false,
    build,
    tags: { environment, 'cost-center': 'CC-1001' },
  }));
/** Come besides everything else, once in each subscription, all of them labelled so that no label is what is missing. */
const PLANTED: Readonly<Record<Subscription['plants'], readonly Kind[]>> = {
  everything: plantedAs(PLANTED_WASTE, 'prod'),
  experiments: plantedAs(PLANTED_EXPERIMENTS, 'dev'),
};

const MAX_CACHED_SUBSCRIPTIONS = 2_000;
const MAX_CACHED_RESOURCES = 200_000;
const MIN_CACHED_SUBSCRIPTIONS = 4;

/** Generates the resources of a subscription when they are first asked for, and remembers them. */
export class ResourceGenerator {
  private readonly slots = new Map<number, readonly Slot[]>();
  private readonly workloads = new Map<number, Map<string, Workload>>();

  private readonly deleted = new Set<string>();
  private readonly maxCached: number;

  constructor(
    private readonly resourcesPerSubscription: number,
    private readonly machinesPerSubscription?: number,
    private readonly planted = false,
  ) {
    const fitting = Math.floor(MAX_CACHED_RESOURCES / Math.max(1, resourcesPerSubscription));
    this.maxCached = Math.min(MAX_CACHED_SUBSCRIPTIONS, Math.max(MIN_CACHED_SUBSCRIPTIONS, fitting));
  }

  /** The resources that exist on `day`, in a stable order. */
  resourcesOn(subscription: Subscription, day: Day): Resource[] {
    const number = dayNumber(day);
    const all = this.workloadsBetween(subscription, number, number).flatMap(({ resources }) => resources);
    return this.deleted.size === 0 ? all : all.filter(({ id }) => !this.deleted.has(id.toLowerCase()));
  }

  /** Takes a resource out of the inventory, whatever the day; what it has cost stays charged. */
  delete(id: string): void {
    this.deleted.add(id.toLowerCase());
  }

  /** The workloads alive on at least one day of the inclusive range of day numbers. */
  workloadsBetween(subscription: Subscription, from: number, to: number): Workload[] {
    const found: Workload[] = [];
    for (const slot of this.slotsOf(subscription)) {
      if (slot.period === 0) {
        found.push(this.workloadAt(subscription, slot, 0));
        continue;
      }
      const last = Math.floor((to + slot.phase) / slot.period);
      for (let generation = Math.floor((from + slot.phase) / slot.period); generation <= last; generation++) {
        found.push(this.workloadAt(subscription, slot, generation));
      }
    }
    return found;
  }

  private slotsOf(subscription: Subscription): readonly Slot[] {
    let slots = this.slots.get(subscription.seed);
    if (!slots) {
      slots = layOutSlots(
        subscription,
        this.resourcesPerSubscription,
        this.machinesPerSubscription,
        this.planted ? PLANTED[subscription.plants] : [],
      );
      this.slots.set(subscription.seed, slots);
    }
    return slots;
  }

  private workloadAt(subscription: Subscription, slot: Slot, generation: number): Workload {
    let cached = this.workloads.get(subscription.seed);
    if (!cached) {
      cached = new Map();
      const oldest = this.workloads.keys().next();
      if (this.workloads.size >= this.maxCached && !oldest.done) this.workloads.delete(oldest.value);
      this.workloads.set(subscription.seed, cached);
    }
    const key = `${slot.index}:${generation}`;
    let workload = cached.get(key);
    if (!workload) {
      workload = buildWorkload(subscription, slot, generation);
      cached.set(key, workload);
    }
    return workload;
  }
}

function layOutSlots(
  subscription: Subscription,
  count: number,
  machines: number | undefined,
  planted: readonly Kind[],
): Slot[] {
  const random = new SeededRandom(subscription.seed, 'slots');
  // With their number given, the machines come first and nothing else brings one.
  const first = machines === undefined ? KINDS : [...Array.from({ length: machines }, () => MACHINE), ...OTHER_KINDS];
  const further = machines === undefined ? KINDS : OTHER_KINDS;
  const slots: Slot[] = [];
  for (let filled = 0, index = 0; filled < count; index++) {
    const kind: Kind = first[index] ?? LOOK_ALIKES[index - first.length] ?? random.pick(further);
    const period = kind.period ?? (kind.isShortLived && random.chance(0.3) ? 40 + random.below(360) : 0);
    slots.push({ index, kind, limit: Math.min(kind.size, count - filled), period, phase: random.below(400) });
    filled += kind.size;
  }
  for (const kind of planted) slots.push({ index: slots.length, kind, limit: Infinity, period: 0, phase: 0 });
  return slots;
}

function buildWorkload(subscription: Subscription, slot: Slot, generation: number): Workload {
  const place = new SeededRandom(subscription.seed, 'place', slot.index);
  const application = place.pick(APPLICATIONS);
  const location = place.pick(LOCATIONS);
  const group = `rg-${application}-${subscription.environment}`;
  const resourceGroup = hash32(subscription.seed, group) % 3 === 0 ? group.toUpperCase() : group;
  const aliveFrom = slot.period === 0 ? -Infinity : generation * slot.period - slot.phase;
  const aliveTo = slot.period === 0 ? Infinity : aliveFrom + slot.period - 1;
  const number = String(slot.index + 1).padStart(3, '0');
  const createdOn =
    slot.period === 0 ? dayOfNumber(dayNumber('2020-01-01') + place.below(1_460)) : dayOfNumber(aliveFrom);
  const context = new WorkloadContext(
    subscription,
    application,
    resourceGroup,
    location,
    slot.period === 0 ? number : `${number}-${generation}`,
    createdOn,
    [subscription.seed, 'workload', slot.index, generation],
    slot.kind.tags,
  );
  slot.kind.build(context);
  return { aliveFrom, aliveTo, resources: context.resources.slice(0, slot.limit) };
}
