import { type Day, type DayRange, daysOf, monthStart } from '#core/day.js';
import type { Subscription } from '../estate/estate.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import { dayNumber } from '../estate/workload.js';
import type { ChargeOverrides } from './charge-overrides.js';
import { type Charge, type CostType, chargeOf } from './charge.js';
import {
  type MonthlyReservation,
  coveredSource,
  monthsOf,
  purchaseCharge,
  reservationOf,
  shareOfMachine,
  unusedCharge,
} from './reservation-charges.js';
import { type BillingTime, billingTimeAt, landedHours } from './revisions.js';
import { subscriptionChargesOn } from './subscription-charges.js';
import { type MeteredUse, meteredUsesOf, microUnitsOn, usageChargeOn } from './usage-charges.js';

/** Produces the charges of a subscription as billing knows them at an estate instant. */
export class ChargeGenerator {
  private readonly reservations = new Map<string, MonthlyReservation | undefined>();

  constructor(
    private readonly resources: ResourceGenerator,
    private readonly overrides: ChargeOverrides,
    /** Nothing was billed before this day. */
    readonly historyFrom: Day,
  ) {}

  /** All charges of the days in `range`, by day. Days after `now` have none. */
  chargesOf(subscription: Subscription, range: DayRange, type: CostType, now: Date): Charge[] {
    const time = billingTimeAt(now);
    const from = range.from > this.historyFrom ? range.from : this.historyFrom;
    const to = range.to < time.today ? range.to : time.today;
    if (!subscription.hasCharges || from > to) return [];
    const workloads = this.resources
      .workloadsBetween(subscription, dayNumber(from), dayNumber(to))
      .map((workload) => ({ ...workload, uses: meteredUsesOf(subscription, workload) }));
    const reservations = new Map(
      monthsOf(from, to).map((month) => [month, this.reservationFor(subscription, month)] as const),
    );

    const charges: Charge[] = [];
    for (const day of daysOf({ from, to })) {
      const number = dayNumber(day);
      const reservation = reservations.get(monthStart(day));
      const alive = workloads.filter(({ aliveFrom, aliveTo }) => aliveFrom <= number && number <= aliveTo);
      let coveredMachines = 0;
      for (const { uses } of alive) {
        for (const metered of uses) {
          const isCovered = reservation?.covered.has(metered.seed) ?? false;
          if (isCovered) coveredMachines++;
          const charge =
            reservation && isCovered
              ? coveredCharge(metered, reservation, type, time, number, day)
              : usageChargeOn(metered, time, number, day);
          if (charge) charges.push(charge);
        }
      }
      charges.push(...subscriptionChargesOn(subscription, day, time, alive[0]?.resources[0]));
      if (!reservation) continue;
      const extra =
        type === 'AmortizedCost'
          ? unusedCharge(subscription, reservation, day, coveredMachines, time)
          : day === reservation.month
            ? purchaseCharge(subscription, reservation, time)
            : undefined;
      if (extra) charges.push(extra);
    }
    const asked = type === 'Usage' ? charges.filter(({ source }) => source.chargeType === 'Usage') : charges;
    return this.overrides.apply(subscription.subscriptionId, asked);
  }

  private reservationFor(subscription: Subscription, month: Day): MonthlyReservation | undefined {
    const key = `${subscription.subscriptionId}/${month}`;
    if (!this.reservations.has(key)) this.reservations.set(key, reservationOf(subscription, month, this.resources));
    return this.reservations.get(key);
  }
}

/** Covered compute costs nothing in the actual cost and its share of the reservation in the amortized one. */
function coveredCharge(
  metered: MeteredUse,
  reservation: MonthlyReservation,
  type: CostType,
  time: BillingTime,
  number: number,
  day: Day,
): Charge | undefined {
  const hours = landedHours(time, number);
  if (hours === 0) return undefined;
  const units = BigInt(microUnitsOn(metered, time, number, day));
  const cost = type === 'AmortizedCost' ? (shareOfMachine(reservation, day) * BigInt(hours)) / 24n : 0n;
  return chargeOf(coveredSource(metered.source, reservation), day, units, cost);
}
