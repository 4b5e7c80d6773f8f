import { type Day } from '#core/day.js';
import { priceOf } from '../estate/amount.js';
import type { Subscription } from '../estate/estate.js';
import type { MeterUse } from '../estate/meters.js';
import type { Resource } from '../estate/resource.js';
import type { Workload } from '../estate/resource-generator.js';
import { hash32, mix32 } from '../estate/seeded-random.js';
import { type Charge, type ChargeSource, chargeOf, usageSource } from './charge.js';
import { type BillingTime, landedHours, revisionPermille } from './revisions.js';

/** One meter of one resource, ready to be charged for any day. */
export interface MeteredUse {
  readonly source: ChargeSource;
  readonly use: MeterUse;
  readonly resource: Resource;
  readonly seed: number;
}

const prepared = new WeakMap<Workload, readonly MeteredUse[]>();

/** The metered uses of a workload's resources; prepared once per workload. */
export function meteredUsesOf(subscription: Subscription, workload: Workload): readonly MeteredUse[] {
  let uses = prepared.get(workload);
  if (!uses) {
    uses = workload.resources.flatMap((resource) =>
      resource.meters.map((use) => ({
        source: usageSource(subscription, use.meter, {
          resourceId: resource.id.toLowerCase(),
          resourceGroup: resource.resourceGroup.toLowerCase(),
          resourceType: resource.type.toLowerCase(),
          resourceLocation: resource.location,
          pricingModel: use.isSpot ? 'Spot' : 'OnDemand',
          tags: resource.tags,
        }),
        use,
        resource,
        seed: hash32(resource.seed, use.meter.meterId),
      })),
    );
    prepared.set(workload, uses);
  }
  return uses;
}

/** A day's quantity of a metered use as known at `time`, in millionths of the unit; 0 before it lands. */
export function microUnitsOn(metered: MeteredUse, time: BillingTime, number: number, day: Day): number {
  const hours = landedHours(time, number);
  if (hours === 0) return 0;
  const permille = dailyPermille(metered, number);
  const revised = revisionPermille(time, metered.seed, number, day);
  return Math.floor((metered.use.dailyMicroUnits * permille * revised * hours) / 24_000_000);
}

/** The pay-as-you-go charge of a metered use on a day, or nothing when no usage has landed. */
export function usageChargeOn(metered: MeteredUse, time: BillingTime, number: number, day: Day): Charge | undefined {
  const units = BigInt(microUnitsOn(metered, time, number, day));
  if (units === 0n) return undefined;
  return chargeOf(metered.source, day, units, priceOf(metered.use.meter.price, units));
}

function dailyPermille({ use, seed }: MeteredUse, number: number): number {
  const draw = mix32(seed, number);
  if (use.pattern === 'steady') return 1000;
  if (use.pattern === 'bursty') return 200 + (draw % 2301);
  // Day 0 of the epoch was a Thursday.
  const isWeekend = (number + 4) % 7 === 0 || (number + 4) % 7 === 6;
  return isWeekend ? 300 + (draw % 101) : 900 + (draw % 201);
}
