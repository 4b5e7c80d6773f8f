import { type Day, addDays, countDays, monthEnd, monthStart } from '#core/day.js';
import { type Amount, parseAmount } from '../estate/amount.js';
import type { Subscription } from '../estate/estate.js';
import { METERS } from '../estate/meters.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import { guidOf } from '../estate/seeded-random.js';
import { dayNumber } from '../estate/workload.js';
import { type Charge, type ChargeSource, chargeOf, usageSource } from './charge.js';
import { type BillingTime, landedHours } from './revisions.js';
import { meteredUsesOf } from './usage-charges.js';

/** Monthly price of one reserved machine in US dollars. */
const UNIT_PRICE = parseAmount('87.6013');

/** A month's reservation of a subscription: which machines it covers and what it costs. */
export interface MonthlyReservation {
  readonly month: Day;
  readonly reservationId: string;
  readonly reservationName: string;
  /** Seeds of the covered compute uses. */
  readonly covered: ReadonlySet<number>;
  /** One more than is covered, so that a part stays unused every day. */
  readonly quantity: number;
  readonly price: Amount;
}

/** The reservation bought on the first of a month for about 70 % of the eligible machines; none without machines. */
export function reservationOf(
  subscription: Subscription,
  month: Day,
  generator: ResourceGenerator,
): MonthlyReservation | undefined {
  const first = dayNumber(month);
  const eligible = generator
    .workloadsBetween(subscription, first, first)
    .flatMap((workload) => meteredUsesOf(subscription, workload))
    .filter(({ use }) => use.isReserved);
  if (eligible.length === 0) return undefined;
  const covered = eligible.slice(0, Math.max(1, Math.floor(eligible.length * 0.7)));
  const order = guidOf(subscription.seed, 'reservation-order', month.slice(0, 4));
  return {
    month,
    reservationId: `/providers/microsoft.capacity/reservationorders/${order}/reservations/${guidOf(order)}`,
    reservationName: `VM_RI_${month.slice(0, 4)}`,
    covered: new Set(covered.map(({ seed }) => seed)),
    quantity: covered.length + 1,
    price: UNIT_PRICE * BigInt(covered.length + 1),
  };
}

/** What the reservation costs on a day when spread over its month; the days of a month add up to the exact price. */
function dailyShare(reservation: MonthlyReservation, day: Day): Amount {
  const days = BigInt(countDays({ from: reservation.month, to: monthEnd(day) }));
  const index = BigInt(countDays({ from: reservation.month, to: day }));
  return (reservation.price * index) / days - (reservation.price * (index - 1n)) / days;
}

/** What one covered machine bears of a day's share; the unused part takes what is left over. */
export function shareOfMachine(reservation: MonthlyReservation, day: Day): Amount {
  return dailyShare(reservation, day) / BigInt(reservation.quantity);
}

/** The purchase, which only the actual cost shows, whole, on the first of the month. */
export function purchaseCharge(
  subscription: Subscription,
  reservation: MonthlyReservation,
  time: BillingTime,
): Charge | undefined {
  if (landedHours(time, dayNumber(reservation.month)) === 0) return undefined;
  const source = reservationSource(subscription, reservation, 'Purchase');
  return chargeOf(source, reservation.month, BigInt(reservation.quantity) * 1_000_000n, reservation.price);
}

/** The unused part of a day, which only the amortized cost shows. */
export function unusedCharge(
  subscription: Subscription,
  reservation: MonthlyReservation,
  day: Day,
  coveredMachines: number,
  time: BillingTime,
): Charge | undefined {
  const hours = landedHours(time, dayNumber(day));
  if (hours === 0) return undefined;
  const used = shareOfMachine(reservation, day) * BigInt(coveredMachines);
  const unused = ((dailyShare(reservation, day) - used) * BigInt(hours)) / 24n;
  const source = reservationSource(subscription, reservation, 'UnusedReservation');
  return chargeOf(source, day, BigInt(reservation.quantity - coveredMachines) * 1_000_000n, unused);
}

/** The source of a covered machine's compute: the same meter under the reservation. */
export function coveredSource(source: ChargeSource, reservation: MonthlyReservation): ChargeSource {
  return {
    ...source,
    pricingModel: 'Reservation',
    reservationId: reservation.reservationId,
    reservationName: reservation.reservationName,
  };
}

/** First days of the months a range of days touches. */
export function monthsOf(from: Day, to: Day): Day[] {
  const months: Day[] = [];
  for (let month = monthStart(from); month <= to; month = addDays(monthEnd(month), 1)) months.push(month);
  return months;
}

function reservationSource(
  subscription: Subscription,
  reservation: MonthlyReservation,
  chargeType: 'Purchase' | 'UnusedReservation',
): ChargeSource {
  return usageSource(subscription, METERS.reservation, {
    resourceId: reservation.reservationId,
    resourceType: 'microsoft.capacity/reservationorders',
    chargeType,
    pricingModel: 'Reservation',
    frequency: chargeType === 'Purchase' ? 'Recurring' : 'UsageBased',
    reservationId: reservation.reservationId,
    reservationName: reservation.reservationName,
  });
}
