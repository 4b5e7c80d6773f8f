import { describe, expect, it } from 'vitest';
import type { CostWindow, ResourceCost } from '#core/facts.js';
import { guessed, isCommitted, listed, measured, methodConfidence, monthlyCostOf, repriced } from './savings.js';

const WINDOW: CostWindow = { from: '2026-03-21', to: '2026-04-19', days: 30, amounts: 'effective', costs: [] };
const charge = (amount: string, changes: Partial<ResourceCost> = {}): ResourceCost => ({
  resourceId: '/a',
  meterCategory: 'Storage',
  pricingModel: 'OnDemand',
  chargeType: 'Usage',
  currency: 'EUR',
  amount,
  weeks: ['7', '7', '7', '7'],
  firstDay: '2026-03-21',
  ...changes,
});

describe('what a resource costs a month', () => {
  it('is the sum of its last 30 days, to the last digit', () => {
    expect(monthlyCostOf([charge('30.0000000001'), charge('-0.5')], WINDOW)).toMatchObject({
      currency: 'EUR',
      monthly: '29.5000000001',
      committed: '0',
      days: 30,
    });
  });

  it('ranges from the cheapest to the dearest of its last weeks', () => {
    const cost = monthlyCostOf(
      [charge('30', { weeks: ['7', '14', '3.5', '7'] }), charge('0', { weeks: ['0', '0', '0', '7'] })],
      WINDOW,
    );
    expect([cost!.low, cost!.high]).toEqual(['15', '60']);
  });

  it('is reckoned from the days since it began', () => {
    const young = monthlyCostOf([charge('10', { firstDay: '2026-04-10' })], WINDOW)!;
    expect([young.monthly, young.low, young.high, young.days]).toEqual(['30', '30', '30', 10]);
    expect(monthlyCostOf([charge('1', { firstDay: '2026-04-18' })], WINDOW)).toBeNull();
  });

  it('is reckoned from the days that were published', () => {
    expect(monthlyCostOf([charge('10')], { ...WINDOW, days: 15 })!.monthly).toBe('20');
    expect(monthlyCostOf([charge('10')], { ...WINDOW, days: 2 })).toBeNull();
  });

  it('is never a sum of currencies: it is that of the one most was charged in', () => {
    expect(monthlyCostOf([charge('3'), charge('9', { currency: 'USD' })], WINDOW)).toMatchObject({
      currency: 'USD',
      monthly: '9',
    });
  });

  it('is unknown without charges', () => expect(monthlyCostOf([], WINDOW)).toBeNull());
});

describe('savings', () => {
  const cost = monthlyCostOf(
    [charge('30'), charge('60', { pricingModel: 'Reservation', weeks: ['14', '14', '14', '14'] })],
    WINDOW,
  );

  it('leave out what a commitment pays for', () => {
    expect(measured(cost)).toMatchObject({
      monthly: '30',
      low: '30',
      high: '30',
      monthlyCost: '90',
      method: 'measured',
    });
    for (const pricingModel of ['Reservation', 'SavingsPlan', 'savings plan']) {
      expect(isCommitted({ pricingModel })).toBe(true);
    }
    expect(isCommitted({ pricingModel: 'Spot' })).toBe(false);
    expect(isCommitted({ pricingModel: null })).toBe(false);
  });

  it('may be nothing for what a commitment has begun to pay for', () => {
    const lately = monthlyCostOf(
      [
        charge('60', { weeks: ['21', '21', '12', '0'] }),
        charge('20', { pricingModel: 'Reservation', weeks: ['0', '0', '6', '14'] }),
      ],
      WINDOW,
    );
    expect(measured(lately)).toMatchObject({ monthly: '60', low: '0', high: '90' });
  });

  it('lie within their range, also when the first days of the month were the dearest or cheapest', () => {
    const before = monthlyCostOf([charge('60', { weeks: ['0', '0', '0', '0'] })], WINDOW);
    expect(measured(before)).toMatchObject({ monthly: '60', low: '0', high: '60' });
    const refunded = monthlyCostOf([charge('10', { weeks: ['7', '7', '7', '7'] })], WINDOW);
    expect(measured(refunded)).toMatchObject({ monthly: '10', low: '10', high: '30' });
  });

  it('are no more than the cost, also when a commitment was refunded', () => {
    const refunded = monthlyCostOf(
      [charge('100'), charge('-5', { pricingModel: 'Reservation', chargeType: 'Refund' })],
      WINDOW,
    );
    expect(measured(refunded)).toMatchObject({ monthly: '95', monthlyCost: '95' });
  });

  it('are nothing where more was refunded than charged', () => {
    const refunded = monthlyCostOf([charge('30'), charge('-40', { chargeType: 'Refund' })], WINDOW);
    expect(measured(refunded)).toMatchObject({ monthly: '0', monthlyCost: '-10' });
    expect(repriced(refunded, '2', '1')).toMatchObject({ monthly: '0' });
  });

  it('by another price are the own cost in the proportion of the prices, exactly', () => {
    expect(repriced(cost, '0.3', '0.1')).toMatchObject({ monthly: '20', method: 'priced' });
    expect(repriced(cost, '3', '1')!.evidence).toMatchObject({ list_price: '3', target_list_price: '1' });
  });

  it.each([
    [null, '0.1'],
    ['0.1', null],
    ['0.1', '0.1'],
    ['0.1', '0.2'],
  ])('from %s to %s are none', (current, target) => expect(repriced(cost, current, target)).toBeNull());

  it('that are guessed have a range', () => {
    expect(guessed(cost, { low: 0.1, likely: 0.5, high: 0.9 })).toMatchObject({
      monthly: '15',
      low: '3',
      high: '27',
      method: 'guessed',
    });
  });

  it('by list price alone may be nothing, and rest on half the data', () => {
    expect(listed('EUR', '3.650', null)).toMatchObject({ monthly: '3.65', low: '0', high: '3.65', data: 0.5 });
  });

  it('are unknown where costs are', () => {
    expect([measured(null), repriced(null, '2', '1'), guessed(null, { low: 0, likely: 0.5, high: 1 })]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('are trusted by how they are known', () => {
    const confidence = [
      measured(cost),
      repriced(cost, '2', '1'),
      guessed(cost, { low: 0, likely: 0.5, high: 1 }),
      null,
    ];
    expect(confidence.map(methodConfidence)).toEqual([1, 0.9, 0.5, 1]);
  });
});
