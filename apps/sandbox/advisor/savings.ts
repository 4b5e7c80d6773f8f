import type { Subscription } from '../estate/estate.js';

const EUR_PER_USD = 0.92;

/** How much of its savings a recommendation states; Advisor often leaves some or all of it out. */
export type SavingsDetail = 'monthly-and-annual' | 'annual-only' | 'none';

/** The savings fields of a yearly amount in US dollars, in the subscription's currency; all of them text. */
export function savingsFields(
  subscription: Subscription,
  annualUsd: number,
  detail: SavingsDetail,
): Readonly<Record<string, string>> {
  if (detail === 'none') return {};
  const annual = subscription.currency === 'EUR' ? annualUsd * EUR_PER_USD : annualUsd;
  return {
    annualSavingsAmount: String(Math.round(annual)),
    ...(detail === 'annual-only' ? {} : { savingsAmount: (annual / 12).toFixed(2).replace(/\.?0+$/, '') }),
    savingsCurrency: subscription.currency,
  };
}
