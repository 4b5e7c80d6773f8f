import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_TENANTS, oneTenant, type TenantScope } from '#core/scope.js';
import type { Database } from './database.js';
import { CostLedger } from './ledger/cost-ledger.js';
import { addSubscription, addTenant, charge, connectApi, openTestLogins, publish } from '../../test/harness/ledger.js';
import type { TestLogins } from '../../test/harness/ledger.js';

const TABLES = [
  'subscriptions',
  'audit_logs',
  'ingestion_runs',
  'ingestion_windows',
  'raw_snapshots',
  'resources',
  'recommendations',
  'delivery_channels',
  'deliveries',
  'cost_datasets',
  'cost_dimensions',
  'costs_daily',
  'cost_daily_totals',
  'cost_day_revisions',
  'costs_daily_flat',
];
/** Whose rows are in each table, by tenant name; `nobody` stands for a row of no tenant. */
const EVERY_TABLE = ['tenants t', ...TABLES.map((table) => `${table} t`)]
  .map((from) => {
    const table = from.split(' ')[0]!;
    return `SELECT '${table}' AS table, t.${table === 'tenants' ? 'id' : 'tenant_id'} AS tenant FROM ${from}`;
  })
  .join(' UNION ALL ');

describe('tenant scope', () => {
  let logins: TestLogins;
  let a: string;
  let b: string;
  let removed: string;

  beforeAll(async () => {
    logins = await openTestLogins();
    const { owner, worker } = logins;
    [a, b, removed] = [await addTenant(owner, 'a'), await addTenant(owner, 'b'), await addTenant(owner, 'removed')];
    const ledger = new CostLedger(worker);
    for (const tenantId of [a, b, removed]) {
      await addSubscription(owner, tenantId, 's1');
      for (const cost of ['1', '2']) await publish(ledger, { tenantId, charges: [charge({ cost })] });
      await owner.transaction(ALL_TENANTS, async (tx) => {
        await tx.query(
          `INSERT INTO audit_logs (tenant_id, actor_id, action, object_type, object_id) VALUES ($1, '', '', '', '')`,
          [tenantId],
        );
        await tx.query(
          `WITH run AS (INSERT INTO ingestion_runs (tenant_id, mode, source, request_key) VALUES ($1::uuid, 'full', 'api', $1::uuid::text) RETURNING id)
           INSERT INTO ingestion_windows (tenant_id, run_id, stage, connector, scope) SELECT $1::uuid, id, '', '', '' FROM run`,
          [tenantId],
        );
        await tx.query(
          `INSERT INTO raw_snapshots (tenant_id, source, path, sha256, bytes, stored_bytes) VALUES ($1, '', '', '', 1, 1)`,
          [tenantId],
        );
        await tx.query(
          `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, first_seen_at, last_seen_at)
           VALUES ($1, '', '', '', '', '', now(), now())`,
          [tenantId],
        );
        await tx.query(
          `WITH channel AS (INSERT INTO delivery_channels (tenant_id, name, kind, secret_ref) VALUES ($1, '', 'slack', '') RETURNING id)
           INSERT INTO deliveries (tenant_id, channel_id, kind) SELECT $1, id, 'test' FROM channel`,
          [tenantId],
        );
        await tx.query(
          `INSERT INTO recommendations (tenant_id, rule, category, title, first_seen_at, last_seen_at)
           VALUES ($1, '', '', '', now(), now())`,
          [tenantId],
        );
      });
    }
    // The operator's own rows belong to no tenant.
    await owner.pool.query(`
      INSERT INTO audit_logs (actor_id, action, object_type, object_id) VALUES ('', '', '', '');
      INSERT INTO ingestion_runs (mode, source, request_key) VALUES ('full', 'cli', 'all');
      UPDATE tenants SET removed_at = now() WHERE name = 'removed'`);
  });
  afterAll(() => logins.close());

  /** Which tenants' rows a scope sees, table by table. */
  const seen = async (database: Database, scope: TenantScope, sql = EVERY_TABLE) => {
    const found: Record<string, string[]> = {};
    const names = new Map([
      [a, 'a'],
      [b, 'b'],
      [removed, 'removed'],
    ]);
    for (const { table, tenant } of await database.query<{ table: string; tenant: string | null }>(scope, sql)) {
      (found[table] ??= []).push(names.get(tenant ?? '') ?? 'nobody');
    }
    return Object.fromEntries(Object.entries(found).map(([table, who]) => [table, [...new Set(who)].sort().join()]));
  };
  const everywhere = (who: string, exceptions: Record<string, string> = {}) => ({
    ...Object.fromEntries(['tenants', ...TABLES].map((table) => [table, who])),
    ...exceptions,
  });

  it('of one tenant sees that tenant in every table', async () => {
    expect(await seen(logins.api, oneTenant(a))).toEqual(everywhere('a'));
    expect(await seen(logins.api, oneTenant(b))).toEqual(everywhere('b'));
  });

  it('of a caller sees the tenant that its token names, however it is written', async () => {
    expect(await seen(logins.api, { kind: 'azure-tenant', azureTenantId: 'AZURE-B' })).toEqual(everywhere('b'));
  });

  it('of a caller whose tenant is unknown or removed sees nothing', async () => {
    for (const azureTenantId of ['azure-nobody', '', 'azure-removed']) {
      expect(await seen(logins.api, { kind: 'azure-tenant', azureTenantId })).toEqual({});
    }
  });

  it('of the operator sees everything', async () => {
    const own = { audit_logs: 'a,b,nobody,removed', ingestion_runs: 'a,b,nobody,removed' };
    expect(await seen(logins.api, ALL_TENANTS)).toEqual(everywhere('a,b,removed', own));
  });

  it('binds the worker as well', async () => {
    // The worker writes the audit log and never reads it.
    const readable = EVERY_TABLE.split(' UNION ALL ')
      .filter((part) => !part.includes('audit_logs'))
      .join(' UNION ALL ');
    const { audit_logs: _unreadable, ...rest } = everywhere('a');
    expect(await seen(logins.worker, oneTenant(a), readable)).toEqual(rest);
  });

  it('missing altogether, nothing is seen and nothing can be written', async () => {
    for (const login of [logins.api, logins.worker]) {
      const { rows } = await login.pool.query('SELECT * FROM tenants, subscriptions, costs_daily, resources');
      expect(rows).toEqual([]);
    }
    const insert = `INSERT INTO subscriptions (tenant_id, subscription_id, display_name, source) VALUES ($1, 'x', 'x', 'manual')`;
    await expect(logins.api.pool.query(insert, [a])).rejects.toThrow(/row-level security/);
  });

  it('lets nobody write into, or move rows to, another tenant', async () => {
    const insert = `INSERT INTO subscriptions (tenant_id, subscription_id, display_name, source) VALUES ($1, 'x', 'x', 'manual')`;
    await expect(logins.api.transaction(oneTenant(a), (tx) => tx.query(insert, [b]))).rejects.toThrow(
      /row-level security/,
    );
    const move = 'UPDATE subscriptions SET tenant_id = $1';
    await expect(logins.api.transaction(oneTenant(a), (tx) => tx.query(move, [b]))).rejects.toThrow(
      /row-level security/,
    );
    const touched = await logins.api.transaction(oneTenant(a), (tx) =>
      tx.query('UPDATE subscriptions SET display_name = display_name RETURNING tenant_id'),
    );
    expect(touched).toEqual([{ tenant_id: a }]);
  });

  it('cannot be made wide by a tenant id that is none', async () => {
    await expect(logins.api.query(oneTenant(`' OR true --`), 'SELECT 1 FROM tenants')).rejects.toThrow(
      /invalid input syntax for type uuid/,
    );
  });

  describe('on a pooled connection', () => {
    let database: Database;
    // A pool of one: whatever a transaction leaves behind, the next one finds.
    beforeAll(async () => void (database = connectApi(logins.urls.api, { poolSize: 1 })));
    afterAll(() => database.close());

    const tenantsSeen = async (scope: TenantScope) =>
      (await database.query<{ id: string }>(scope, 'SELECT id FROM tenants')).map(({ id }) => id).sort();
    const unscoped = async () => (await database.pool.query('SELECT id FROM tenants')).rows;
    const failing: [string, () => Promise<unknown>][] = [
      ['a statement that fails', () => database.query(ALL_TENANTS, 'SELECT 1 / 0')],
      ['a statement that is none', () => database.query(ALL_TENANTS, 'SELEKT')],
      ['a write where reading is agreed', () => database.query(ALL_TENANTS, `UPDATE tenants SET name = 'x'`)],
      ['a transaction that fails', () => database.transaction(ALL_TENANTS, (tx) => tx.query('SELECT 1 / 0'))],
      [
        'a transaction whose work throws',
        () => database.transaction(ALL_TENANTS, () => Promise.reject(new Error('no'))),
      ],
    ];

    it('ends with its transaction', async () => {
      expect(await tenantsSeen(ALL_TENANTS)).toHaveLength(3);
      expect(await unscoped()).toEqual([]);
      expect(await tenantsSeen(oneTenant(a))).toEqual([a]);
      expect(await unscoped()).toEqual([]);
      await database.transaction(ALL_TENANTS, (tx) => tx.query('SELECT 1'));
      expect(await unscoped()).toEqual([]);
      expect(await tenantsSeen({ kind: 'azure-tenant', azureTenantId: 'azure-nobody' })).toEqual([]);
    });

    it.each(failing)('ends with %s', async (_what, fail) => {
      await expect(fail()).rejects.toThrow();
      expect(await unscoped()).toEqual([]);
      expect(await tenantsSeen(oneTenant(b))).toEqual([b]);
    });

    it('is never mixed up among requests at the same time', async () => {
      const nobody = { kind: 'azure-tenant', azureTenantId: 'azure-none' } as const;
      const scopes = [oneTenant(a), ALL_TENANTS, oneTenant(b), nobody];
      const seenBy = [[a], [a, b, removed].sort(), [b], []];
      const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => tenantsSeen(scopes[index % 4]!)));
      expect(answers).toEqual(Array.from({ length: 40 }, (_, index) => seenBy[index % 4]));
    });

    it('prepares a statement once for all tenants and once for one, and plans it for each once', async () => {
      for (let turn = 0; turn < 10; turn += 1) {
        await tenantsSeen(ALL_TENANTS);
        await tenantsSeen(oneTenant(a));
      }
      const { rows } = await database.pool.query(
        `SELECT generic_plans > 5 AS kept FROM pg_prepared_statements WHERE statement = 'SELECT id FROM tenants'`,
      );
      expect(rows).toEqual([{ kept: true }, { kept: true }]);
    });

    it('of the operator reads all tenants as a role that may do nothing else', async () => {
      const [row] = await database.query(ALL_TENANTS, 'SELECT current_user::text AS role');
      expect(row).toEqual({ role: 'azcops_all_tenants' });
      await expect(database.pool.query('SET ROLE azcops_worker')).rejects.toThrow(/permission denied to set role/);
    });
  });

  it('is asked anew after a connection is lost, without harm to the process', async () => {
    const database = connectApi(logins.urls.api, { poolSize: 1, applicationName: 'about to be cut' });
    try {
      const cut = () =>
        logins.owner.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'about to be cut'`,
        );
      await database.transaction(oneTenant(a), (tx) => tx.query('SELECT 1'));
      // In the middle of a transaction, while nothing is asked of the connection.
      await expect(
        database.transaction(ALL_TENANTS, async (tx) => {
          await cut();
          await new Promise((resolve) => setTimeout(resolve, 50));
          return tx.query('SELECT 1');
        }),
      ).rejects.toThrow();
      expect(await database.query(oneTenant(a), 'SELECT id FROM tenants')).toEqual([{ id: a }]);
    } finally {
      await database.close();
    }
  });
});
