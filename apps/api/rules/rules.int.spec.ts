import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from '#rules/registry.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import type { Role } from '../auth/caller.js';
import { strict } from '../testing/strict-schema.js';
import { fieldsOf, HOME, TestApi } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, type Estate } from '../testing/test-estate.js';
import { rule, ruleCatalogue, ruleSetting, ruleSettings } from './rules.schema.js';

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  await withClient(database.ownerUrl, async (client) => {
    await client.query(
      `INSERT INTO subscriptions (tenant_id, subscription_id, display_name, source, state, read_elsewhere, removed_at)
       VALUES ($1, 's1', 's1', 'discovery', 'Enabled', false, NULL), ($1, 's2', 's2', 'discovery', 'Enabled', false, NULL),
              ($2, 's3', 's3', 'discovery', 'Enabled', false, NULL), ($1, 'unlisted', 'x', 'discovery', 'Unlisted', false, NULL),
              ($1, 's3', 's3', 'discovery', 'Enabled', true, NULL), ($1, 'removed', 'x', 'discovery', 'Enabled', false, now())`,
      [estate.contoso, estate.fabrikam],
    );
    await client.query(
      `INSERT INTO rule_evaluations (tenant_id, rule, subscription_id, examined, found, not_evaluated, evaluated_at)
       VALUES ($1, 'unattached-disk', 's1', 10, 3, '{"no_disk_state": 2}', '2026-03-02'),
              ($1, 'unattached-disk', 's2', 5, 1, '{"no_disk_state": 1, "no_time_of_detachment": 1}', '2026-03-01'),
              ($2, 'unattached-disk', 's3', 100, 50, '{}', '2026-03-03'),
              ($1, 'unattached-disk', 'unlisted', 7, 7, '{"no_disk_state": 7}', '2026-01-01'),
              ($1, 'unattached-disk', 's3', 100, 50, '{}', '2026-01-01'),
              ($1, 'unattached-disk', 'removed', 7, 7, '{}', '2026-01-01')`,
      [estate.contoso, estate.fabrikam],
    );
  });
  api = await TestApi.start({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const call = async (method: 'GET' | 'PUT', url: string, body?: object, role: Role = 'AzCops.Admin', tid = CONTOSO) =>
  api.call(method, `/api/v1/${url}`, { token: await api.token(role, tid), body });

describe('the catalogue of rules', () => {
  it('has every rule, with what its evaluations of the subscriptions that are read came to', async () => {
    const { items } = strict(ruleCatalogue).parse((await call('GET', 'rules')).json);
    expect(items.map((item) => item.rule)).toEqual([...RULES.keys()]);
    expect(items.find((item) => item.rule === 'unattached-disk')).toMatchObject({
      examined: 15,
      found: 4,
      not_evaluated: { no_disk_state: 3, no_time_of_detachment: 1 },
      evaluated_at: '2026-03-01T00:00:00.000Z',
    });
  });

  it('counts within the scope', async () => {
    const examined = async (query: string, tid: string) =>
      strict(rule).parse((await call('GET', `rules/unattached-disk${query}`, undefined, 'AzCops.Reader', tid)).json)
        .examined;
    expect(await examined('', HOME)).toBe(115);
    expect(await examined(`?tenant_id=${estate.fabrikam}`, HOME)).toBe(100);
    expect(await examined('', FABRIKAM)).toBe(100);
    expect(await examined(`?tenant_id=${estate.fabrikam}`, CONTOSO)).toBe(0);
  });

  it('knows no other rules', async () => {
    const answer = await call('GET', 'rules/constructor');
    expect([answer.status, answer.json.detail]).toEqual([
      404,
      'There is no rule constructor. GET /api/v1/rules lists them.',
    ]);
  });
});

describe('a rule of a tenant', () => {
  const url = () => `tenants/${estate.contoso}/rules/unattached-disk`;

  it('is set whole, and audited', async () => {
    const set = await call('PUT', url(), { thresholds: { detachedDays: 30 } });
    expect(strict(ruleSetting).parse(set.json)).toEqual({
      rule: 'unattached-disk',
      enabled: true,
      thresholds: { detachedDays: 30 },
    });
    expect((await call('PUT', url(), { enabled: false })).json).toMatchObject({ enabled: false, thresholds: {} });
    const all = strict(ruleSettings).parse((await call('GET', `tenants/${estate.contoso}/rules`)).json);
    expect(all.items).toEqual([{ rule: 'unattached-disk', enabled: false, thresholds: {} }]);
    const audit = await call('GET', 'audit-logs?object_id=unattached-disk');
    expect(audit.json.items.map(({ action }: { action: string }) => action)).toEqual(['rule.set', 'rule.set']);
    expect(audit.json.items[0].changes.before.thresholds).toEqual({ detachedDays: 30 });
  });

  it.each([
    [{ thresholds: { detachedDays: -1 } }, ['thresholds.detachedDays']],
    [{ thresholds: { detachedDays: 366 } }, ['thresholds.detachedDays']],
    [{ thresholds: { age: 1, toString: 1 } }, ['thresholds.age', 'thresholds.toString']],
    [{ thresholds: { detachedDays: '7' } }, ['thresholds.detachedDays']],
    [{ on: true }, ['on']],
  ])('cannot be set to %j', async (body, fields) => {
    const answer = await call('PUT', url(), body);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });

  it('is of the caller’s own tenant', async () => {
    expect((await call('PUT', url(), {}, 'AzCops.Admin', FABRIKAM)).status).toBe(404);
    expect((await call('GET', `tenants/${estate.contoso}/rules`, undefined, 'AzCops.Reader', FABRIKAM)).status).toBe(
      404,
    );
  });
});
