import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_TENANTS } from '#core/scope.js';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { Database } from './database.js';
import { createPool } from './pool.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = new Database(createPool({ url: test.workerUrl }));
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

describe('a transaction', () => {
  it('does not outlast a process that was paused in the middle of it', async () => {
    const [setting] = await database.query<{ seconds: number }>(
      ALL_TENANTS,
      `SELECT setting::int / 1000 AS seconds FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'`,
    );
    expect(setting?.seconds).toBeGreaterThan(0);
    // A worker counts as dead after ten seconds; its locks must not live longer.
    expect(setting?.seconds).toBeLessThanOrEqual(10);
  });
});

describe('a statement that is prepared', () => {
  it.each([false, true])('goes on after a migration changed what it answers (pipelined: %s)', async (pipeline) => {
    const url = test.workerUrl;
    const reader = new Database(createPool({ url, poolSize: 4, pipeline }));
    try {
      const read = () => reader.query<{ key: string }>(ALL_TENANTS, `SELECT * FROM quota_closures`);
      const change = (sql: string) => withClient(test.ownerUrl, (client) => client.query(sql));
      // All connections of the pool have it prepared.
      expect(await Promise.all([read(), read(), read(), read()])).toEqual([[], [], [], []]);
      await change(`ALTER TABLE quota_closures ADD added_${pipeline} integer`);
      await change(`INSERT INTO quota_closures VALUES (gen_random_uuid(), 'k', now())`);
      expect(Object.keys((await read())[0]!)).toContain(`added_${pipeline}`);
      await change('TRUNCATE quota_closures');
    } finally {
      await reader.close();
    }
  });
});
