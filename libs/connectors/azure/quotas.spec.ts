import { describe, expect, it } from 'vitest';
import { describeKey, drawsOf, exhaustedBy, keyOfBucket, readingsOf, tenantDrawsOf } from './quotas.js';

const DOCUMENTED = { limits: 'documented', reserve: 0 } as const;
const headers = (values: Record<string, string>) => new Map(Object.entries(values));
const limits = (draws: ReturnType<typeof drawsOf>) =>
  Object.fromEntries(draws.map(({ key, limit, periodMs }) => [key, [limit, Math.round(periodMs / 1000)]]));

describe('the draws of a call', () => {
  it('are the documented limits, per scope where Azure counts per scope', () => {
    expect(limits(drawsOf('cost-management', 'SUB', DOCUMENTED))).toEqual({
      'cost-management entity sub': [4, 60],
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
  });

  it('closes the quota that a refusal names, else the narrowest', () => {
    expect(keyOfBucket('cost-management', 's', 'qpu')).toBe('cost-management qpu');
    expect(keyOfBucket('cost-management', 'S', 'unheard-of')).toBe('cost-management entity s');
    expect(keyOfBucket('cost-management', 's', null)).toBe('cost-management entity s');
  });

  it('has names for people', () => {
    expect(describeKey('cost-management entity s')).toEqual({
      service: 'cost-management',
      title: 'Cost Management',
      bucket: 'entity',
    });
  });
});
