import { describe, expect, it } from 'vitest';
import { IncompleteReadError } from '#core/errors.js';
import { GRAINS } from './cost-query.js';
import { costRowMapper, parseUsageDate, type CostRowScope } from './cost-row.mapper.js';

const scope: CostRowScope = {
  subscriptionId: 'S1',
  type: 'ActualCost',
  range: { from: '2026-04-01', to: '2026-04-30' },
  grain: ['ServiceName', 'MeterCategory'],
};
const COLUMNS = ['PreTaxCost', 'UsageDate', 'ServiceName', 'MeterCategory', 'Currency'];
const map = (row: unknown[], columns: string[] = COLUMNS, changes: Partial<CostRowScope> = {}) => {
  const toRecord = costRowMapper(
    columns.map((name) => ({ name })),
    { ...scope, ...changes },
  );
  const { dimension, ...charge } = toRecord(row, 0);
  return [{ ...dimension, ...charge }];
};

describe('costRowMapper', () => {
  it('finds columns by name, keeps every digit and turns empty text into null', () => {
    const columns = [
      'currency',
      'PublisherType',
      'PricingModel',
      'ChargeType',
      'MeterCategory',
      'ServiceName',
      'ResourceGroup',
      'ResourceId',
      'USAGEDATE',
      'Cost',
    ];
    const row = [
      'eur',
      'Azure',
      'OnDemand',
      'Usage',
      'Storage',
      '',
      'RG-1',
      '/Subscriptions/S1',
      '20260401',
      '1.50E-05',
    ];
    expect(map(row, columns, { grain: GRAINS[0] ?? [] })).toEqual([
      {
        day: '2026-04-01',
        provider: 'Microsoft',
        billingAccountId: null,
        subscriptionId: 's1',
        resourceGroup: 'rg-1',
        serviceName: null,
        meterCategory: 'Storage',
        chargeType: 'Usage',
        pricingModel: 'OnDemand',
        publisher: 'Azure',
        location: null,
        resourceId: '/subscriptions/s1',
        currency: 'EUR',
        cost: '1.50E-05',
        amortizedCost: null,
      },
    ]);
  });

  it('is not misled by columns that nobody asked for, or by another order', () => {
    const tags = ['"env":"prod"', '"team":"x"'];
    const orders: [string[], unknown[]][] = [
      [
        [...COLUMNS.slice(0, 4), 'Tags', 'Currency'],
        ['1.5', '20260401', 'a', 'b', tags, 'USD'],
      ],
      [
        ['UsageDate', 'MeterCategory', 'Tags', 'Currency', 'ServiceName', 'Cost'],
        ['20260401', 'b', tags, 'USD', 'a', '1.5'],
      ],
    ];
    for (const [columns, row] of orders) {
      expect(map(row, columns)).toMatchObject([
        { day: '2026-04-01', serviceName: 'a', meterCategory: 'b', currency: 'USD', cost: '1.5' },
      ]);
    }
  });

  it('sets the amount of the dataset that was asked for, refunds included', () => {
    const [record] = map(['-3', '20260401', 'a', 'b', 'USD'], COLUMNS, { type: 'AmortizedCost' });
    expect(record).toMatchObject({ cost: null, amortizedCost: '-3', resourceGroup: null, resourceId: null });
  });

  it.each([
    ['no cost column', ['1', '20260401', 'a', 'b', 'USD'], ['Kosten', ...COLUMNS.slice(1)], /no cost column/],
    ['no currency column', ['1', '20260401', 'a', 'b'], COLUMNS.slice(0, 4), /no currency column/],
    [
      'no column for a dimension',
      ['1', '20260401', 'a', 'USD'],
      ['Cost', 'UsageDate', 'ServiceName', 'Currency'],
      /no MeterCategory column/,
    ],
    ['an empty currency', ['1', '20260401', 'a', 'b', ''], COLUMNS, /row 1 has no usable currency/],
    ['a cost that is no number', [null, '20260401', 'a', 'b', 'USD'], COLUMNS, /no usable cost \(null\)/],
    ['a day that is none', ['1', '20260231', 'a', 'b', 'USD'], COLUMNS, /no usable day/],
    ['a day outside the range', ['1', '20260501', 'a', 'b', 'USD'], COLUMNS, /outside the asked/],
    ['a day before the range', ['1', '20260331', 'a', 'b', 'USD'], COLUMNS, /outside the asked/],
    ['too few cells', ['1', '20260401'], COLUMNS, /fewer cells/],
    ['a list for a dimension', ['1', '20260401', ['a'], 'b', 'USD'], COLUMNS, /ServiceName is not text/],
  ])('refuses %s', (_name, row, columns, message) => {
    expect(() => map(row, columns)).toThrow(IncompleteReadError);
    expect(() => map(row, columns)).toThrow(message);
  });
});

describe('parseUsageDate', () => {
  it.each(['20260401', '2026-04-01', '2026-04-01T00:00:00Z', '2026-04-01T00:00:00'])('reads %s', (text) => {
    expect(parseUsageDate(text)).toBe('2026-04-01');
  });
  it.each(['2026041', '20261301', '01.04.2026', '2026-04-01x', ''])('refuses %j', (text) => {
    expect(parseUsageDate(text)).toBeNull();
  });
});
