import type { Day } from '#core/day.js';
import type { Amount } from '../estate/amount.js';
import type { Subscription } from '../estate/estate.js';
import type { Meter } from '../estate/meters.js';

/** What a charge is about; shared by all days of the same charge. Ids and group names are lower-case, as billed. */
export interface ChargeSource {
  readonly subscription: Subscription;
  /** Empty for charges that belong to no resource. */
  readonly resourceId: string;
  readonly resourceGroup: string;
  readonly resourceType: string;
  readonly resourceLocation: string;
  readonly meter: Meter;
  readonly chargeType: 'Usage' | 'Purchase' | 'Refund' | 'UnusedReservation';
  readonly pricingModel: 'OnDemand' | 'Reservation' | 'Spot';
  readonly publisherType: 'Azure' | 'Marketplace';
  readonly frequency: 'UsageBased' | 'Recurring' | 'OneTime';
  readonly reservationId: string;
  readonly reservationName: string;
  readonly tags: Readonly<Record<string, string>> | null;
  readonly currency: 'USD' | 'EUR';
}

/** One charge of one day. */
export interface Charge {
  readonly source: ChargeSource;
  readonly day: Day;
  readonly microUnits: bigint;
  /** In the source's currency. */
  readonly cost: Amount;
  readonly costUsd: Amount;
}

/** The cost type a query asks for. `Usage` leaves purchases and refunds out. */
export type CostType = 'ActualCost' | 'AmortizedCost' | 'Usage';

/** Euros for a US dollar, as a ratio so that conversion stays exact. */
const EUR_PER_USD = { numerator: 92n, denominator: 100n };

/** A US-dollar amount in another currency. */
export function inCurrency(usd: Amount, currency: 'USD' | 'EUR'): Amount {
  return currency === 'EUR' ? (usd * EUR_PER_USD.numerator) / EUR_PER_USD.denominator : usd;
}

/** A charge of a US-dollar amount, converted to the source's currency. */
export function chargeOf(source: ChargeSource, day: Day, microUnits: bigint, costUsd: Amount): Charge {
  return { source, day, microUnits, cost: inCurrency(costUsd, source.currency), costUsd };
}

/** A charge source with the usual attributes of pay-as-you-go usage, changed by `attributes`. */
export function usageSource(
  subscription: Subscription,
  meter: Meter,
  attributes: Partial<ChargeSource> = {},
): ChargeSource {
  return {
    subscription,
    resourceId: '',
    resourceGroup: '',
    resourceType: '',
    resourceLocation: '',
    meter,
    chargeType: 'Usage',
    pricingModel: 'OnDemand',
    publisherType: 'Azure',
    frequency: 'UsageBased',
    reservationId: '',
    reservationName: '',
    tags: null,
    currency: subscription.currency,
    ...attributes,
  };
}
