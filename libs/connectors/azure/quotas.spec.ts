import { describe, expect, it } from 'vitest';
import { closuresOf, describeKey, drawsOf, exhaustedBy, readingsOf, tenantDrawsOf } from './quotas.js';

const DOCUMENTED = { limits: 'documented', reserve: 0 } as const;
const headers = (values: Record<string, string>) => new Map(Object.entries(values));
const limits = (draws: ReturnType<typeof drawsOf>) =>
  Object.fromEntries(draws.map(({ key, limit, periodMs }) => [key, [limit, Math.round(periodMs / 1000)]]));

describe('the draws of a call', () => {
  it('are the documented limits, per scope where Azure counts per scope', () => {
    expect(limits(drawsOf('cost-management', 'SUB', DOCUMENTED))).toEqual({
      'cost-management entity sub': [4, 60],
      'cost-management tenant': [null, 0],
      'cost-management user': [20, 60],
      'cost-management clienttype': [2000, 60],
      'cost-management qpu-10s': [12, 10],
      'cost-management qpu-minute': [60, 60],
      'cost-management qpu': [600, 3600],
    });
    expect(limits(drawsOf('resource-graph', 'tenant', DOCUMENTED))).toEqual({ 'resource-graph user-quota': [15, 5] });
    expect(limits(drawsOf('resource-manager', 's', DOCUMENTED))).toEqual({ 'resource-manager reads s': [250, 10] });
    expect(limits(drawsOf('monitor', 's', DOCUMENTED))).toEqual({ 'monitor calls s': [3000, 30] });
  });

  it('leave a share of what people in the portal use as well', () => {
    const draws = limits(drawsOf('cost-management', 's', { limits: 'documented', reserve: 0.25 }));
    expect(draws['cost-management qpu']).toEqual([450, 3600]);
    expect(draws['cost-management entity s']).toEqual([3, 60]);
    expect(draws['cost-management user']).toEqual([20, 60]);
  });

  it('have no limit when only refusals are heeded', () => {
    const draws = drawsOf('cost-management', 's', { limits: 'off', reserve: 0 });
    expect(draws.every(({ limit }) => limit === null)).toBe(true);
  });

  it('of a plan over many scopes are those of the tenant', () => {
    expect(tenantDrawsOf('cost-management', DOCUMENTED).map(({ key }) => key)).toEqual([
      'cost-management tenant',
      'cost-management user',
      'cost-management clienttype',
      'cost-management qpu-10s',
      'cost-management qpu-minute',
      'cost-management qpu',
    ]);
  });
});

describe('what an answer says of its quotas', () => {
  it('is read where more is used than the call itself', () => {
    const answer = headers({
      'x-ms-ratelimit-microsoft.costmanagement-qpu-remaining': 'QueriesPerHour:500,QueriesPerMin:59,QueriesPer10Sec:9',
    });
    expect(readingsOf('cost-management', 's', answer)).toEqual([
      { key: 'cost-management qpu-10s', used: 3, periodMs: 12_000 },
      { key: 'cost-management qpu', used: 100, periodMs: 3_602_000 },
    ]);
    expect(readingsOf('resource-graph', 'tenant', headers({ 'x-ms-user-quota-remaining': '14' }))).toEqual([]);
    expect(readingsOf('cost-management', 's', headers({}))).toEqual([]);
  });

  it('says how long a used-up quota stays so', () => {
    const used = headers({ 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:05' });
    expect(exhaustedBy('resource-graph', 'tenant', used)).toEqual({ key: 'resource-graph user-quota', ms: 5_000 });
    expect(exhaustedBy('resource-graph', 'tenant', headers({ 'x-ms-user-quota-remaining': '1' }))).toBeNull();
    const broken = headers({ 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '99999:00:00' });
    expect(exhaustedBy('resource-graph', 'tenant', broken)?.ms).toBe(3_600_000);
  });

  it('has names for people', () => {
    expect(describeKey('cost-management entity s')).toEqual({
      service: 'cost-management',
      title: 'Cost Management',
      bucket: 'entity',
    });
  });
});

describe('a refusal', () => {
  const closed = (service: Parameters<typeof closuresOf>[0], waits: Record<string, number>) =>
    closuresOf(
      service,
      'S',
      Object.entries(waits).map(([bucket, waitMs]) => ({ bucket, waitMs })),
      1_000,
    );

  it('closes every quota that it names, each for its own time', () => {
    expect(closed('cost-management', { entity: 11_000, qpu: 31_000 })).toEqual([
      { key: 'cost-management entity s', ms: 11_000 },
      { key: 'cost-management qpu', ms: 31_000 },
    ]);
  });

  it.each(['tenant', 'consumption', 'general', 'unheard-of'])(
    'of Cost Management (%s) closes it for the whole tenant',
    (bucket) =>
      expect(closed('cost-management', { [bucket]: 60_000 })).toEqual([{ key: 'cost-management tenant', ms: 60_000 }]),
  );

  it('closes no more than what it names when it states a general wait as well', () => {
    expect(closed('cost-management', { general: 60_000, entity: 11_000 })).toEqual([
      { key: 'cost-management entity s', ms: 11_000 },
    ]);
  });

  it.each([
    ['resource-graph', 'resource-graph user-quota'],
    ['resource-manager', 'resource-manager reads s'],
    ['monitor', 'monitor calls s'],
  ] as const)('of %s with a general wait closes its one quota', (service, key) =>
    expect(closed(service, { general: 5_000 })).toEqual([{ key, ms: 5_000 }]),
  );

  it('closes one quota once, for the longest of its times', () => {
    expect(closed('cost-management', { tenant: 3_000, consumption: 9_000 })).toEqual([
      { key: 'cost-management tenant', ms: 9_000 },
    ]);
  });

  it('that states no wait closes the narrowest quota for the wait we assume', () => {
    expect(closed('cost-management', {})).toEqual([{ key: 'cost-management entity s', ms: 1_000 }]);
    expect(closed('resource-graph', {})).toEqual([{ key: 'resource-graph user-quota', ms: 1_000 }]);
  });
});
