import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '#core/connector.js';
import { subscription, TENANT } from '../testing/read-harness.js';
import { costWindows } from './cost-windows.js';

const request = (changes: Partial<PlanRequest>): PlanRequest => ({
  mode: 'full',
  now: new Date('2026-04-20T23:30:00Z'),
  range: null,
  tenant: TENANT,
  subscriptions: [subscription({ subscriptionId: 's1' })],
  resources: new Map(),
  regions: new Map(),
  currencies: [],
  callsLeft: null,
  backfillMonths: 3,
  ...changes,
});
const ranges = (changes: Partial<PlanRequest>) =>
  costWindows(request(changes)).map(({ range }) => `${range?.from}..${range?.to}`);
const readUntil = (to: string, from = '2025-10-01') => [
  subscription({ subscriptionId: 's1', costsCovered: [{ from, to }] }),
];

describe('costWindows', () => {
  it('goes back whole months at the first read, oldest first', () => {
    expect(ranges({})).toEqual([
      '2026-01-01..2026-01-31',
      '2026-02-01..2026-02-28',
      '2026-03-01..2026-03-31',
      '2026-04-01..2026-04-20',
    ]);
    expect(ranges({ backfillMonths: 0 })).toEqual(['2026-04-01..2026-04-20']);
  });

  it('reads the current month again, and the previous one until the sixth', () => {
    const on = (day: string) => ranges({ now: new Date(`${day}T00:00:00Z`), subscriptions: readUntil('2026-04-05') });
    expect(on('2026-04-06')).toEqual(['2026-03-01..2026-03-31', '2026-04-01..2026-04-06']);
    expect(on('2026-04-07')).toEqual(['2026-04-01..2026-04-07']);
  });

  it('closes the gap after a pause', () => {
    expect(ranges({ subscriptions: readUntil('2026-02-17') })).toEqual([
      '2026-02-01..2026-02-28',
      '2026-03-01..2026-03-31',
      '2026-04-01..2026-04-20',
    ]);
  });

  it('reads months of the backfill again that failed or were never read, though later ones were', () => {
    const costsCovered = [
      { from: '2026-01-01', to: '2026-01-31' },
      { from: '2026-03-10', to: '2026-04-19' },
    ];
    expect(ranges({ subscriptions: [subscription({ subscriptionId: 's1', costsCovered })] })).toEqual([
      '2026-02-01..2026-02-28',
      '2026-03-01..2026-03-31',
      '2026-04-01..2026-04-20',
    ]);
  });

  it('leaves months to the files that own them, unless asked for', () => {
    const subscriptions = [
      subscription({ subscriptionId: 's1', costMonthsOwnedElsewhere: ['2026-02-01', '2026-04-01'] }),
    ];
    expect(ranges({ subscriptions })).toEqual(['2026-01-01..2026-01-31', '2026-03-01..2026-03-31']);
    expect(ranges({ subscriptions, mode: 'incremental' })).toEqual([]);
    const range = { from: '2026-02-01', to: '2026-02-02' };
    expect(ranges({ subscriptions, range })).toEqual(['2026-02-01..2026-02-02']);
  });

  it('reads yesterday and today in between, over the end of a month', () => {
    expect(ranges({ mode: 'incremental' })).toEqual(['2026-04-19..2026-04-20']);
    expect(ranges({ mode: 'incremental', now: new Date('2026-01-01T05:00:00Z') })).toEqual([
      '2025-12-31..2025-12-31',
      '2026-01-01..2026-01-01',
    ]);
  });

  it('obeys an explicit range in either mode', () => {
    const range = { from: '2025-12-30', to: '2026-02-02' };
    const months = ['2025-12-30..2025-12-31', '2026-01-01..2026-01-31', '2026-02-01..2026-02-02'];
    expect(ranges({ range })).toEqual(months);
    expect(ranges({ range, mode: 'incremental', subscriptions: readUntil('2026-04-19') })).toEqual(months);
  });

  it('starts with the subscriptions that have waited longest, deleted ones too', () => {
    const windows = costWindows(
      request({
        mode: 'incremental',
        subscriptions: [
          subscription({ subscriptionId: 'fresh', costsCovered: [{ from: '2026-01-01', to: '2026-04-20' }] }),
          subscription({
            subscriptionId: 'stale',
            costsCovered: [{ from: '2026-01-01', to: '2026-03-01' }],
            state: 'Deleted',
          }),
          subscription({ subscriptionId: 'new' }),
        ],
      }),
    );
    expect(windows.map(({ scope }) => scope)).toEqual(['new', 'stale', 'fresh']);
  });

  it('leaves closed months alone that Azure could not serve lately, but not the current one', () => {
    const subscriptions = [
      subscription({
        costsUnavailable: [
          { from: '2026-01-01', to: '2026-02-28' },
          { from: '2026-04-01', to: '2026-04-30' },
        ],
      }),
    ];
    expect(ranges({ subscriptions })).toEqual(['2026-03-01..2026-03-31', '2026-04-01..2026-04-20']);
  });

  it('does not ask every hour for days that Azure could not serve an hour ago', () => {
    const subscriptions = [subscription({ costsUnavailable: [{ from: '2026-04-19', to: '2026-04-20' }] })];
    expect(ranges({ mode: 'incremental', subscriptions })).toEqual([]);
    expect(ranges({ mode: 'incremental', subscriptions, now: new Date('2026-04-21T05:00:00Z') })).toEqual([
      '2026-04-20..2026-04-21',
    ]);
  });

  it('fits an hourly run into what is left of the quota, longest unread first', () => {
    const subscriptions = [
      subscription({ subscriptionId: 'fresh', costsAskedAt: '2026-04-20T22:00:00.000Z' }),
      subscription({ subscriptionId: 'stale', costsAskedAt: '2026-04-20T20:00:00.000Z' }),
      subscription({ subscriptionId: 'never' }),
    ];
    const scopes = (callsLeft: number | null) =>
      costWindows(request({ mode: 'incremental', subscriptions, callsLeft })).map(({ scope }) => scope);
    expect(scopes(null)).toEqual(['never', 'stale', 'fresh']);
    expect(scopes(5)).toEqual(['never', 'stale']);
    expect(scopes(1)).toEqual([]);
  });
});
