import { countDays } from '#core/day.js';
import { decimal, plain, sumOf, type Decimal } from '#core/decimal.js';
import { COMMITTED_PRICING, type CostWindow, type ResourceCost } from '#core/facts.js';

/** The month that amounts are stated for. */
const DAYS_A_MONTH = 30;
export const HOURS_A_MONTH = 730;
/** Fewer days say nothing about a month. */
const LEAST_DAYS = 3;
const COMMITTED = new RegExp(COMMITTED_PRICING, 'i');

/** What something costs a month, from its own charges. Decimal strings of one currency. */
export interface MonthlyCost {
  currency: string;
  monthly: string;
  /** The cheapest and the dearest of the last four weeks, as a month. */
  low: string;
  high: string;
  /** The part that a reservation or savings plan pays for: it is due whether it is used or not. */
  committed: string;
  /** The cheapest and the dearest of the weeks without that part: a commitment may have begun between them. */
  freeLow: string;
  freeHigh: string;
  /** Days that it rests on, and what they are of. */
  days: number;
  from: string;
  to: string;
  amounts: CostWindow['amounts'];
}

/** What a recommendation would save a month. */
export interface Saving {
  currency: string;
  monthly: string;
  low: string;
  high: string;
  method: 'measured' | 'priced' | 'guessed';
  /** What the subject costs a month today; null where that is unknown. */
  monthlyCost: string | null;
  /** Share of a month's days that it rests on, 0 to 1. */
  data: number;
  evidence: Readonly<Record<string, unknown>>;
}

/**
 * The charges as a month; null without any, or when there are too few days to tell. Of several currencies the one that
 * most was charged in: amounts are never added across.
 */
export function monthlyCostOf(charges: readonly ResourceCost[], window: CostWindow): MonthlyCost | null {
  const currency = mainCurrency(charges);
  const own = charges.filter((charge) => charge.currency === currency);
  if (currency === undefined || own.length === 0) return null;
  const since = own.map(({ firstDay }) => firstDay).toSorted()[0]!;
  // What began within the window has existed for its later days only.
  const days = since > window.from ? Math.min(window.days, countDays({ from: since, to: window.to })) : window.days;
  if (days < LEAST_DAYS) return null;
  const month = (sum: Decimal) => plain(days === DAYS_A_MONTH ? sum : sum.times(DAYS_A_MONTH).div(days));
  const monthly = month(sumOf(own.map(({ amount }) => amount)));
  // What was refunded of a commitment is no usage that could be saved on top.
  const committed = month(atLeastZero(sumOf(own.filter(isCommitted).map(({ amount }) => amount))));
  const whole = rangeOf(own, days, monthly);
  const free = rangeOf(
    own.filter((charge) => !isCommitted(charge)),
    days,
    plain(decimal(monthly).minus(committed)),
  );
  return {
    currency,
    monthly,
    ...whole,
    committed,
    freeLow: free.low,
    freeHigh: free.high,
    days,
    from: window.from,
    to: window.to,
    amounts: window.amounts,
  };
}

/** The cheapest and the dearest of the month itself and of its last four weeks, where there are so many, as a month. */
function rangeOf(charges: readonly ResourceCost[], days: number, monthly: string): { low: string; high: string } {
  if (days < 28) return { low: monthly, high: monthly };
  const weekly = [0, 1, 2, 3].map((week) => sumOf(charges.map(({ weeks }) => weeks[week]!)));
  const months = [decimal(monthly), ...weekly.map((sum) => sum.times(DAYS_A_MONTH).div(7))].toSorted((a, b) =>
    a.cmp(b),
  );
  return { low: plain(months[0]!), high: plain(months.at(-1)!) };
}

/** Whether a reservation or savings plan pays for the usage. */
export function isCommitted({ pricingModel }: Pick<ResourceCost, 'pricingModel'>): boolean {
  return COMMITTED.test(pricingModel ?? '');
}

/** Whether a charge is for hours of a commitment that nothing used. */
export function isUnusedCommitment({ chargeType }: Pick<ResourceCost, 'chargeType'>): boolean {
  return /^unused ?(reservation|savings ?plan)$/i.test(chargeType ?? '');
}

/** What is saved when all of it, or a share, is no longer used: a commitment is paid all the same. Null without costs. */
export function measured(cost: MonthlyCost | null, share: string | number = 1): Saving | null {
  return cost && savingOf(cost, (amount) => amount.times(share));
}

/**
 * What is saved when the same usage is charged at another list price: the own cost in the proportion of the prices, so
 * that discounts count. Null where either is unknown or the target costs no less.
 */
export function repriced(cost: MonthlyCost | null, current: string | null, target: string | null): Saving | null {
  if (!cost || current === null || target === null || !decimal(current).gt(target)) return null;
  const cheaper = decimal(current).minus(target);
  const saving = savingOf(cost, (amount) => amount.times(cheaper).div(current));
  const evidence = { ...saving.evidence, list_price: current, target_list_price: target };
  return { ...saving, method: 'priced', evidence };
}

/** Of what is not committed, the part that `saved` takes; nothing where refunds outweigh the charges. */
function savingOf(cost: MonthlyCost, saved: (amount: Decimal) => Decimal): Saving {
  return {
    currency: cost.currency,
    monthly: plain(saved(atLeastZero(decimal(cost.monthly).minus(cost.committed)))),
    low: plain(saved(atLeastZero(decimal(cost.freeLow)))),
    high: plain(saved(atLeastZero(decimal(cost.freeHigh)))),
    method: 'measured',
    monthlyCost: cost.monthly,
    data: Math.min(1, cost.days / DAYS_A_MONTH),
    evidence: costEvidence(cost),
  };
}

/** Whether the list prices say that the target is no cheaper; false where either is unknown. */
export function costsNoLess(current: string | null, target: string | null): boolean {
  return current !== null && target !== null && !decimal(current).gt(target);
}

/** What is saved by list prices alone, `monthly` of `monthlyCost`: for what has no costs of its own yet. */
export function listed(currency: string, monthly: string, monthlyCost: string | null): Saving {
  const amount = plain(decimal(monthly));
  return { currency, monthly: amount, low: '0', high: amount, method: 'priced', monthlyCost, data: 0.5, evidence: {} };
}

/** A share of the own cost that experience suggests, between two bounds; it is a guess, and said to be one. */
export function guessed(cost: MonthlyCost | null, share: { low: number; likely: number; high: number }): Saving | null {
  const whole = measured(cost);
  if (!whole) return null;
  const of = (part: number) => plain(decimal(whole.monthly).times(part));
  return { ...whole, method: 'guessed', monthly: of(share.likely), low: of(share.low), high: of(share.high) };
}

/** The same where it may come to nothing, for a reason that Azure does not know: it ranges from zero. */
export function possibly(saving: Saving | null): Saving | null {
  return saving && { ...saving, low: '0' };
}

/** The savings as part of the confidence: how far the method can be off. */
export function methodConfidence(saving: Saving | null): number {
  if (!saving) return 1;
  return { measured: 1, priced: 0.9, guessed: 0.5 }[saving.method];
}

function costEvidence(cost: MonthlyCost): Record<string, unknown> {
  const { from, to, days, amounts, monthly, committed } = cost;
  return { cost: { from, to, days, amounts, monthly, committed, currency: cost.currency } };
}

/** The currency that most is charged in; undefined without charges. */
export function mainCurrency(charges: readonly ResourceCost[]): string | undefined {
  const sums = new Map<string, Decimal>();
  for (const { currency, amount } of charges) sums.set(currency, (sums.get(currency) ?? decimal(0)).plus(amount));
  return [...sums].toSorted(([a, x], [b, y]) => y.cmp(x) || a.localeCompare(b))[0]?.[0];
}

function atLeastZero(value: Decimal): Decimal {
  return value.lt(0) ? decimal(0) : value;
}
