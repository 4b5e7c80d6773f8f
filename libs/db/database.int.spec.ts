import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_TENANTS } from '#core/scope.js';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = new Database(await createDataSource({ url: test.workerUrl }).initialize());
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
