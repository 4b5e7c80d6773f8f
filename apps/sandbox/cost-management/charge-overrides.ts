import type { Day } from '#core/day.js';
import { type Amount } from '../estate/amount.js';
import type { Charge } from './charge.js';

/** A correction an operator made by hand: all charges that match are removed, or get another cost. */
export interface ChargeOverride {
  readonly subscriptionId: string;
  readonly day: Day;
  /** Lower-case id; undefined matches every resource, empty those without one. */
  readonly resourceId?: string;
  /** Meter name; undefined matches every meter. */
  readonly meter?: string;
  /** The new cost in the charge's currency; undefined removes the charge. */
  readonly cost?: Amount;
}

/** The hand-made corrections, applied on top of what the generator says. */
export class ChargeOverrides {
  private readonly bySubscription = new Map<string, ChargeOverride[]>();
  /** Grows with every change, so that cached answers are recognised as stale. */
  version = 0;

  add(override: ChargeOverride): void {
    const list = this.bySubscription.get(override.subscriptionId) ?? [];
    list.push(override);
    this.bySubscription.set(override.subscriptionId, list);
    this.version++;
  }

  clear(): void {
    this.bySubscription.clear();
    this.version++;
  }

  /** The charges with the corrections of their subscription applied in the order they were made. */
  apply(subscriptionId: string, charges: Charge[]): Charge[] {
    const overrides = this.bySubscription.get(subscriptionId);
    if (!overrides) return charges;
    return charges.flatMap((charge) => {
      let current: Charge | undefined = charge;
      for (const override of overrides) {
        if (!current || !matches(override, current)) continue;
        current = override.cost === undefined ? undefined : withCost(current, override.cost);
      }
      return current ? [current] : [];
    });
  }
}

/** True when the correction is about this charge. */
export function matches(override: ChargeOverride, charge: Charge): boolean {
  return (
    override.day === charge.day &&
    (override.resourceId === undefined || override.resourceId === charge.source.resourceId) &&
    (override.meter === undefined || override.meter === charge.source.meter.name)
  );
}

function withCost(charge: Charge, cost: Amount): Charge {
  const costUsd = charge.source.currency === 'USD' || charge.cost === 0n ? cost : (cost * charge.costUsd) / charge.cost;
  return { ...charge, cost, costUsd };
}
