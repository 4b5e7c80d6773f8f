import { z } from 'zod';
import { isDay } from '#core/day.js';
import type { ChargeGenerator } from '../cost-management/charge-generator.js';
import { type ChargeOverride, type ChargeOverrides, matches } from '../cost-management/charge-overrides.js';
import type { Charge, CostType } from '../cost-management/charge.js';
import { type Amount, formatAmount, parseAmount } from '../estate/amount.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate, Subscription } from '../estate/estate.js';
import { AdminError } from './admin-error.js';

const day = z.string().refine(isDay, 'a day is written YYYY-MM-DD');
const selection = {
  subscription: z.string(),
  day,
  /** Empty for charges without a resource. */
  resourceId: z.string().optional(),
  meter: z.string().optional(),
};
export const removeSchema = z.strictObject(selection);
export const alterSchema = z.strictObject({ ...selection, cost: z.string().regex(/^-?\d+(\.\d+)?$/) });
export const totalsSchema = z.object({
  subscription: z.string(),
  from: day,
  to: day,
  type: z.enum(['ActualCost', 'AmortizedCost', 'Usage']).default('ActualCost'),
});

/** What an operator or a test can ask of and do to the generated charges. */
export class ChargeCommands {
  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly generator: ChargeGenerator,
    private readonly overrides: ChargeOverrides,
  ) {}

  /** Removes the matching charges of a day; without resource and meter, the day's first charge. */
  remove(order: z.infer<typeof removeSchema>): object {
    return { removed: this.change(order) };
  }

  /** Gives the matching charges another cost, in their own currency. */
  alter(order: z.infer<typeof alterSchema>): object {
    return { altered: this.change(order, parseAmount(order.cost)) };
  }

  clear(): void {
    this.overrides.clear();
  }

  /** Exact totals per day and currency, and over the whole range per currency, as decimal strings. */
  totals(query: z.infer<typeof totalsSchema>): object {
    const charges = this.chargesOf(query);
    return {
      ...query,
      estateTime: this.clock.now().toISOString(),
      days: totalsBy(charges, (charge) => ({ day: charge.day, currency: charge.source.currency })),
      totals: totalsBy(charges, (charge) => ({ currency: charge.source.currency })),
    };
  }

  /** The single charges of a range. */
  list(query: z.infer<typeof totalsSchema>): object {
    return { ...query, charges: this.chargesOf(query).map(chargeBody) };
  }

  private change(order: z.infer<typeof removeSchema>, cost?: Amount): object[] {
    const subscription = this.subscription(order.subscription);
    const range = { from: order.day, to: order.day };
    // Reservation shares exist only in the amortized cost; both views are searched and corrected.
    const charges = (['ActualCost', 'AmortizedCost'] as const).flatMap((type) =>
      this.generator.chargesOf(subscription, range, type, this.clock.now()),
    );
    const isSelective = order.resourceId !== undefined || order.meter !== undefined;
    const first = charges[0]?.source;
    const override: ChargeOverride = {
      subscriptionId: subscription.subscriptionId,
      day: order.day,
      resourceId: isSelective ? order.resourceId?.toLowerCase() : first?.resourceId,
      meter: isSelective ? order.meter : first?.meter.name,
      cost,
    };
    const changed = charges.filter((charge) => matches(override, charge));
    if (changed.length === 0) throw new AdminError(404, 'no charge matches');
    this.overrides.add(override);
    return [
      ...new Map(
        changed.map((charge) => [`${charge.source.resourceId}/${charge.source.meter.name}`, chargeBody(charge)]),
      ).values(),
    ];
  }

  private chargesOf({
    subscription,
    from,
    to,
    type,
  }: {
    subscription: string;
    from: string;
    to: string;
    type: CostType;
  }): Charge[] {
    return this.generator.chargesOf(this.subscription(subscription), { from, to }, type, this.clock.now());
  }

  private subscription(id: string): Subscription {
    const subscription = this.estate.findSubscription(id);
    if (!subscription) throw new AdminError(404, `the estate has no subscription ${id}`);
    return subscription;
  }
}

function totalsBy(charges: readonly Charge[], keyOf: (charge: Charge) => Record<string, string>): object[] {
  const sums = new Map<string, { key: Record<string, string>; cost: Amount; costUsd: Amount; charges: number }>();
  for (const charge of charges) {
    const key = keyOf(charge);
    const text = JSON.stringify(key);
    const sum = sums.get(text) ?? { key, cost: 0n, costUsd: 0n, charges: 0 };
    sum.cost += charge.cost;
    sum.costUsd += charge.costUsd;
    sum.charges++;
    sums.set(text, sum);
  }
  return [...sums.values()].map(({ key, cost, costUsd, charges: count }) => ({
    ...key,
    cost: formatAmount(cost),
    costUsd: formatAmount(costUsd),
    charges: count,
  }));
}

function chargeBody({ source, day: chargeDay, cost, costUsd }: Charge): object {
  return {
    day: chargeDay,
    resourceId: source.resourceId,
    resourceGroup: source.resourceGroup,
    meter: source.meter.name,
    serviceName: source.meter.serviceName,
    chargeType: source.chargeType,
    pricingModel: source.pricingModel,
    cost: formatAmount(cost),
    costUsd: formatAmount(costUsd),
    currency: source.currency,
  };
}
