import { describe, expect, it } from 'vitest';
import { type Day, addDays } from '#core/day.js';
import { formatAmount, formatAmountToken, parseAmount } from '../estate/amount.js';
import { Estate } from '../estate/estate.js';
import { ResourceGenerator } from '../estate/resource-generator.js';
import { ChargeGenerator } from './charge-generator.js';
import { ChargeOverrides } from './charge-overrides.js';
import type { Charge, CostType } from './charge.js';

const size = { seed: 7, tenants: 2, subscriptions: 3, resources: 60, emptySubscriptions: 0 };
const estate = new Estate(size);
const subscriptions = estate.tenants.flatMap((tenant) => tenant.subscriptions);
const generate = (): ChargeGenerator =>
  new ChargeGenerator(new ResourceGenerator(size.resources), new ChargeOverrides(), '2026-01-01');
const generator = generate();

const charges = (index: number, from: Day, to: Day, now: string, type: CostType = 'ActualCost'): Charge[] => {
  const subscription = subscriptions[index];
  if (!subscription) throw new Error('no such subscription');
  return generator.chargesOf(subscription, { from, to }, type, new Date(now));
};
const identity = ({ source, day }: Charge): string =>
  [day, source.resourceId, source.meter.name, source.chargeType, source.pricingModel].join('|');
const total = (list: readonly Charge[]): string => formatAmount(list.reduce((sum, { cost }) => sum + cost, 0n));

describe('amounts', () => {
  it.each([
    ['0.000015', '1.5E-05'],
    ['-0.0000001', '-1E-07'],
    ['0.0001', '0.0001'],
    ['12', '12.0'],
    ['0', '0.0'],
    ['123456789.123456789012', '123456789.123456789012'],
    ['-3.25', '-3.25'],
  ])('%s is written %s', (plain, token) => {
    expect(formatAmountToken(parseAmount(plain))).toBe(token);
    expect(formatAmount(parseAmount(plain))).toBe(plain);
  });
});

describe('charges', () => {
  it('are the same for the same seed and clock, whoever asks first', () => {
    const other = generate();
    const [subscription] = subscriptions;
    if (!subscription) throw new Error('no subscription');
    // The other generator saw another month before; what it remembers must not show.
    other.chargesOf(
      subscription,
      { from: '2026-01-01', to: '2026-01-31' },
      'AmortizedCost',
      new Date('2026-05-01T00:00:00Z'),
    );
    const again = other.chargesOf(
      subscription,
      { from: '2026-02-01', to: '2026-02-28' },
      'ActualCost',
      new Date('2026-03-20T10:00:00Z'),
    );
    expect(again).toEqual(charges(0, '2026-02-01', '2026-02-28', '2026-03-20T10:00:00Z'));
  });

  it('exist neither for the future nor before the history, and today is partial', () => {
    const days = new Set(charges(0, '2025-12-01', '2026-12-31', '2026-03-20T20:00:00Z').map(({ day }) => day));
    expect([...days].sort().at(0)).toBe('2026-01-01');
    expect([...days].sort().at(-1)).toBe('2026-03-20');
    const morning = charges(0, '2026-03-20', '2026-03-20', '2026-03-20T08:00:00Z');
    const evening = charges(0, '2026-03-20', '2026-03-20', '2026-03-20T20:00:00Z');
    const later = charges(0, '2026-03-20', '2026-03-20', '2026-03-21T20:00:00Z');
    expect(morning).toEqual([]);
    expect(Number(total(evening))).toBeGreaterThan(0);
    expect(Number(total(later))).toBeGreaterThan(Number(total(evening)));
  });

  it('take one charge of every subscription back after three days', () => {
    for (const index of subscriptions.keys()) {
      const before = charges(index, '2026-03-15', '2026-03-15', '2026-03-17T20:00:00Z');
      const after = charges(index, '2026-03-15', '2026-03-15', '2026-03-18T20:00:00Z');
      const kept = new Set(after.map(identity));
      const removed = before.filter((charge) => !kept.has(identity(charge)));
      expect(removed).toHaveLength(1);
      expect(removed[0]?.cost).toBeGreaterThan(0n);
    }
  });

  it('change while their day is recent and when their month closes, and never after', () => {
    const at = (now: string): Map<string, bigint> =>
      new Map(charges(0, '2026-02-01', '2026-02-27', now).map((charge) => [identity(charge), charge.cost]));
    const differences = (a: Map<string, bigint>, b: Map<string, bigint>): number =>
      [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key)).length;
    const open = at('2026-03-04T20:00:00Z');
    const closed = at('2026-03-05T20:00:00Z');
    expect(differences(open, closed)).toBeGreaterThan(5);
    // The charge of the second that was held until the month closed.
    expect([...open.keys()].filter((key) => !closed.has(key))).toHaveLength(1);
    expect(differences(closed, at('2026-06-01T20:00:00Z'))).toBe(0);

    const recent = (now: string): string => total(charges(0, '2026-03-14', '2026-03-14', now));
    expect(recent('2026-03-15T20:00:00Z')).not.toBe(recent('2026-03-16T20:00:00Z'));
    expect(recent('2026-03-17T20:00:00Z')).toBe(recent('2026-03-30T20:00:00Z'));
  });

  it('spread a reservation so that both views of a closed month cost the same', () => {
    const range = ['2026-01-01', '2026-01-31', '2026-03-20T10:00:00Z'] as const;
    const actual = charges(0, ...range);
    const amortized = charges(0, ...range, 'AmortizedCost');
    const ofReservation = (list: readonly Charge[]): Charge[] =>
      list.filter(({ source }) => source.reservationId !== '');
    const purchases = actual.filter(({ source }) => source.chargeType === 'Purchase' && source.reservationId !== '');
    expect(purchases.map(({ day }) => day)).toEqual(['2026-01-01']);
    expect(ofReservation(amortized).some(({ source }) => source.chargeType === 'Purchase')).toBe(false);
    expect(ofReservation(amortized).filter(({ source }) => source.chargeType === 'UnusedReservation')).toHaveLength(31);
    expect(total(ofReservation(amortized))).toBe(total(purchases));
    expect(total(amortized)).toBe(total(actual));
    expect(
      ofReservation(actual)
        .filter(({ source }) => source.chargeType === 'Usage')
        .every(({ cost }) => cost === 0n),
    ).toBe(true);
  });

  it('cover refunds, charges without a resource, marketplace, two currencies and tiny amounts', () => {
    const all = [0, 1, 2].flatMap((index) => charges(index, '2026-02-01', '2026-02-28', '2026-03-20T10:00:00Z'));
    expect(all.some(({ cost, source }) => cost < 0n && source.chargeType === 'Refund')).toBe(true);
    expect(all.some(({ source }) => source.resourceId === '' && source.resourceGroup === '')).toBe(true);
    expect(all.some(({ source }) => source.publisherType === 'Marketplace')).toBe(true);
    expect(all.some(({ cost }) => formatAmountToken(cost).includes('E-'))).toBe(true);
    const currencies = (index: number): string[] =>
      [
        ...new Set(
          charges(index, '2026-02-01', '2026-02-28', '2026-03-20T10:00:00Z').map(({ source }) => source.currency),
        ),
      ].sort();
    expect([currencies(0), currencies(1), currencies(2)]).toEqual([['USD'], ['EUR'], ['EUR', 'USD']]);
    expect(all.every(({ source }) => source.resourceId === source.resourceId.toLowerCase())).toBe(true);
  });

  it('of usage only leave purchases and refunds out', () => {
    const types = new Set(
      charges(0, '2026-02-01', '2026-02-28', '2026-03-20T10:00:00Z', 'Usage').map(({ source }) => source.chargeType),
    );
    expect([...types]).toEqual(['Usage']);
  });

  it('keep the number of resources while short-lived ones follow each other', () => {
    const resources = new ResourceGenerator(size.resources);
    const [subscription] = subscriptions;
    if (!subscription) throw new Error('no subscription');
    const on = (day: Day): Set<string> => new Set(resources.resourcesOn(subscription, day).map(({ id }) => id));
    const first = on('2026-01-01');
    const last = on(addDays('2026-01-01', 200));
    expect([first.size, last.size]).toEqual([60, 60]);
    expect([...first].some((id) => !last.has(id))).toBe(true);
  });
});
