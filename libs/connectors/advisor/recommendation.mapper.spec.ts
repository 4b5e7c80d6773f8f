import { describe, expect, it } from 'vitest';
import { toRecommendation } from './recommendation.mapper.js';

const SUBSCRIPTION = '22222222-2222-4222-8222-222222222222';
const VM = `/subscriptions/${SUBSCRIPTION}/resourceGroups/RG-One/providers/Microsoft.Compute/virtualMachines/VM-1`;
const RIGHTSIZE = 'e10b1381-5f0a-47ff-8c7b-37bd13d7c974';
const RESERVATION = '84b1a508-fc21-49da-979e-96894f1665df';
const SAVINGS_PLAN = '89515250-1243-43d1-b4e7-f9437cedffd8';

/** A recommendation as Advisor sends it: every extended property is text. */
const item = (properties: Record<string, unknown> = {}, owner = VM) => ({
  id: `${owner}/providers/Microsoft.Advisor/recommendations/AAAA-1`,
  properties: {
    category: 'Cost',
    impact: 'High',
    impactedField: 'MICROSOFT.COMPUTE/virtualMachines',
    impactedValue: 'VM-1',
    lastUpdated: '2026-04-19T01:00:00Z',
    recommendationTypeId: RIGHTSIZE.toUpperCase(),
    shortDescription: { problem: 'Too large', solution: 'Make it smaller' },
    resourceMetadata: { resourceId: VM },
    ...properties,
  },
});
const savings = (extendedProperties: Record<string, unknown>, impact: unknown = 'High') => {
  const record = toRecommendation(item({ extendedProperties, impact }));
  return [record?.estimatedMonthlySavings, record?.currency, record?.savingsMethod];
};

describe('a recommendation', () => {
  it('is told by its id, type and resource, in whatever case Advisor writes them', () => {
    expect(toRecommendation(item({ extendedProperties: { currentSku: 'D4', targetSku: 'D2' } }))).toMatchObject({
      sourceId: `${VM.toLowerCase()}/providers/microsoft.advisor/recommendations/aaaa-1`,
      rule: `advisor/${RIGHTSIZE}`,
      category: 'cost',
      title: 'Make it smaller',
      subscriptionId: SUBSCRIPTION,
      resourceId: VM.toLowerCase(),
      impact: 'High',
      alternativeOf: null,
      suppressed: false,
      evidence: {
        problem: 'Too large',
        impacted_field: 'microsoft.compute/virtualmachines',
        impacted_value: 'VM-1',
        currentSku: 'D4',
        targetSku: 'D2',
      },
    });
  });

  it('that hangs off the subscription is about no resource', () => {
    const owner = `/subscriptions/${SUBSCRIPTION.toUpperCase()}`;
    for (const resourceMetadata of [undefined, {}, { resourceId: owner }]) {
      const record = toRecommendation(item({ resourceMetadata }, owner));
      expect([record?.subscriptionId, record?.resourceId]).toEqual([SUBSCRIPTION, null]);
    }
  });

  it('without metadata is about the resource that its id hangs off', () => {
    expect(toRecommendation(item({ resourceMetadata: undefined }))?.resourceId).toBe(VM.toLowerCase());
  });

  it('whose id names no subscription belongs to the one of its resource', () => {
    const record = toRecommendation(item({}, '/resourceUri'));
    expect([record?.subscriptionId, record?.resourceId]).toEqual([SUBSCRIPTION, VM.toLowerCase()]);
  });

  it.each<[string, unknown]>([
    ['text', 'x'],
    ['nothing', null],
    ['no object', [item()]],
    ['no id', { ...item(), id: '' }],
    ['no subscription anywhere', item({ resourceMetadata: {} }, '/resourceUri')],
  ])('that is %s is none', (_name, each) => expect(toRecommendation(each)).toBeNull());

  it('of no type is still one: the type is optional', () => {
    const bare = { id: `${VM}/providers/Microsoft.Advisor/recommendations/a` };
    for (const each of [bare, item({ recommendationTypeId: undefined, shortDescription: {} })]) {
      expect(toRecommendation(each)).toMatchObject({ rule: 'advisor/untyped', title: 'untyped', alternativeOf: null });
    }
  });

  it('is suppressed when somebody silenced it, and still there', () => {
    expect(toRecommendation(item({ suppressionIds: ['s-1'] }))?.suppressed).toBe(true);
    expect(toRecommendation(item({ suppressionIds: [] }))?.suppressed).toBe(false);
    expect(toRecommendation(item({ suppressionIds: null }))?.suppressed).toBe(false);
  });

  it.each([
    ['High', 'High', '0.9'],
    ['medium', 'Medium', '0.7'],
    ['LOW', 'Low', '0.5'],
    ['Critical', null, '0.5'],
    [undefined, null, '0.5'],
  ])('of impact %s has its confidence', (impact, known, confidence) => {
    expect(toRecommendation(item({ impact }))).toMatchObject({ impact: known, confidence });
  });

  it('is titled by its solution, else its problem, else its type', () => {
    const titleOf = (shortDescription: unknown) => toRecommendation(item({ shortDescription }))?.title;
    expect(titleOf({ problem: 'p', solution: 's' })).toBe('s');
    expect(titleOf({ problem: 'p', solution: '' })).toBe('p');
    expect(titleOf(undefined)).toBe(RIGHTSIZE);
  });
});

describe('savings', () => {
  it.each([
    ['the monthly amount', { savingsAmount: '48.5', annualSavingsAmount: '582', savingsCurrency: 'EUR' }, '48.5'],
    ['a number instead of text', { savingsAmount: 48.5, savingsCurrency: 'EUR' }, '48.5'],
    ['text with spaces', { savingsAmount: ' 48.50 ', savingsCurrency: 'EUR' }, '48.5'],
    ['an exponent', { savingsAmount: '1.5E-05', savingsCurrency: 'EUR' }, '0.000015'],
    [
      'more digits than a float has',
      { savingsAmount: '0.1234567890123456789', savingsCurrency: 'eur' },
      '0.1234567890123456789',
    ],
    ['nothing, stated as such', { savingsAmount: '0', savingsCurrency: 'EUR' }, '0'],
    ['a twelfth of the annual amount', { annualSavingsAmount: '575.4', savingsCurrency: 'EUR' }, '47.95'],
    ['a twelfth, rounded at the tenth digit', { annualSavingsAmount: '575', savingsCurrency: 'EUR' }, '47.9166666667'],
    [
      'the annual amount beside garbage',
      { savingsAmount: 'n/a', annualSavingsAmount: '12', savingsCurrency: 'EUR' },
      '1',
    ],
  ])('are stated as %s', (_name, extended, amount) => expect(savings(extended)).toEqual([amount, 'EUR', 'stated']));

  it.each<[string, Record<string, unknown>]>([
    ['no amount', {}],
    ['garbage', { savingsAmount: 'a lot', annualSavingsAmount: '', savingsCurrency: 'EUR' }],
    ['an amount that is no number', { savingsAmount: Number.NaN, savingsCurrency: 'EUR' }],
    ['an amount of no currency', { savingsAmount: '48.5' }],
    ['an amount of no known kind of currency', { savingsAmount: '48.5', savingsCurrency: '€' }],
  ])('are a guess by impact where there is %s, and say so', (_name, extended) => {
    expect(savings(extended, 'High')).toEqual(['500', 'USD', 'guessed']);
    expect(savings(extended, 'Medium')).toEqual(['100', 'USD', 'guessed']);
    expect(savings(extended, 'Low')).toEqual(['20', 'USD', 'guessed']);
    expect(savings(extended, null)).toEqual(['20', 'USD', 'guessed']);
  });
});

describe('variants of one purchase', () => {
  const reservation = (extended: Record<string, unknown>) =>
    toRecommendation(
      item({
        recommendationTypeId: RESERVATION,
        extendedProperties: {
          reservedResourceType: 'VirtualMachines',
          subId: SUBSCRIPTION,
          displaySKU: 'Standard_D2s_v3',
          region: 'westeurope',
          ...extended,
        },
      }),
    )?.alternativeOf;
  const savingsPlan = (extended: Record<string, unknown>) =>
    toRecommendation(
      item({
        recommendationTypeId: SAVINGS_PLAN,
        extendedProperties: { subId: SUBSCRIPTION, sku: 'Compute_Savings_Plan', ...extended },
      }),
    )?.alternativeOf;

  it('exclude each other whatever their term, look-back period and scope', () => {
    const variants = ['P1Y', 'P3Y'].flatMap((term) =>
      ['7', '30', '60'].flatMap((lookbackPeriod) =>
        ['Single', 'Shared'].map((scope) => ({ term, lookbackPeriod, scope })),
      ),
    );
    expect(new Set(variants.map(reservation)).size).toBe(1);
    expect(new Set(variants.map(savingsPlan)).size).toBe(1);
    expect(reservation({})).toBe(`commitment/reservation/${SUBSCRIPTION}/virtualmachines/standard_d2s_v3/westeurope`);
    expect(savingsPlan({})).toBe(`commitment/savings-plan/${SUBSCRIPTION}/compute_savings_plan`);
  });

  it('are told apart by size, region and kind of resource', () => {
    const different = [
      {},
      { displaySKU: 'Standard_D4s_v3' },
      { region: 'northeurope' },
      { reservedResourceType: 'SQL' },
    ];
    expect(new Set(different.map(reservation)).size).toBe(different.length);
  });

  it('are recognised by what is reserved, for types that are not known', () => {
    const unknown = item({ recommendationTypeId: 'other', extendedProperties: { reservedResourceType: 'Redis' } });
    expect(toRecommendation(unknown)?.alternativeOf).toBe(`commitment/reservation/${SUBSCRIPTION}/redis//`);
  });
});
