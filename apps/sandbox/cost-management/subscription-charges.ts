import type { Day } from '#core/day.js';
import { parseAmount, priceOf } from '../estate/amount.js';
import type { Subscription } from '../estate/estate.js';
import { METERS } from '../estate/meters.js';
import type { Resource } from '../estate/resource.js';
import { mix32 } from '../estate/seeded-random.js';
import { dayNumber } from '../estate/workload.js';
import { type Charge, type ChargeSource, chargeOf, usageSource } from './charge.js';
import { type BillingTime, isEstimate, isMonthOpen, landedHours } from './revisions.js';

/** Marketplace publishers report a day late. */
const MARKETPLACE_LAG_DAYS = 2;
const REFUND_DAY = '12';
const LATE_WITHDRAWAL_DAY = '02';

/** The charges of a day that are not metered use: support, marketplace, Defender, refunds, and what is taken back. */
export function subscriptionChargesOn(
  subscription: Subscription,
  day: Day,
  time: BillingTime,
  resource: Resource | undefined,
): Charge[] {
  const number = dayNumber(day);
  const hours = landedHours(time, number);
  if (hours === 0) return [];
  const draw = mix32(subscription.seed, number);
  const dayOfMonth = day.slice(8);
  const charges: Charge[] = [];

  const defenderUnits = BigInt(Math.floor((24_000_000 * (5 + (subscription.seed % 20)) * hours) / 24));
  charges.push(
    chargeOf(
      usageSource(subscription, METERS.defender),
      day,
      defenderUnits,
      priceOf(METERS.defender.price, defenderUnits),
    ),
  );
  if (time.todayNumber - number >= MARKETPLACE_LAG_DAYS) {
    const units = BigInt(24_000_000);
    charges.push(chargeOf(marketplaceSource(subscription), day, units, priceOf(METERS.marketplace.price, units)));
  }
  if (dayOfMonth === '01') {
    charges.push(chargeOf(supportSource(subscription), day, 1_000_000n, METERS.support.price));
  }
  if (!resource) return charges;
  if (dayOfMonth === REFUND_DAY) {
    const refund = parseAmount(`-${5 + (draw % 40)}.${String(draw % 10_000).padStart(4, '0')}`);
    const source = onResource(subscription, resource, { chargeType: 'Refund', frequency: 'OneTime' });
    charges.push(chargeOf(source, day, 1_000_000n, refund));
  }
  // Billing attributes this traffic wrongly at first and takes the whole charge back: after three days, or, for the
  // second of a month, when the month closes.
  if (isEstimate(time, number) || (dayOfMonth === LATE_WITHDRAWAL_DAY && isMonthOpen(time, day))) {
    const units = BigInt(1_000_000 + (draw % 9_000_000));
    charges.push(chargeOf(onResource(subscription, resource), day, units, priceOf(METERS.interRegion.price, units)));
  }
  return charges;
}

function onResource(
  subscription: Subscription,
  resource: Resource,
  attributes: Partial<ChargeSource> = {},
): ChargeSource {
  return usageSource(subscription, METERS.interRegion, {
    resourceId: resource.id.toLowerCase(),
    resourceGroup: resource.resourceGroup.toLowerCase(),
    resourceType: resource.type.toLowerCase(),
    resourceLocation: resource.location,
    tags: resource.tags,
    ...attributes,
  });
}

function marketplaceSource(subscription: Subscription): ChargeSource {
  return usageSource(subscription, METERS.marketplace, {
    // A group billing made up: no such group exists in the subscription.
    resourceGroup: 'microsoft.default',
    publisherType: 'Marketplace',
    currency: subscription.marketplaceCurrency,
  });
}

function supportSource(subscription: Subscription): ChargeSource {
  return usageSource(subscription, METERS.support, { chargeType: 'Purchase', frequency: 'Recurring' });
}
