import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { CONFIGURATION } from './terraform.js';

const [, query = ''] =
  /<<-SQL\n(.*?)\n\s*SQL\n/s.exec(readFileSync(join(CONFIGURATION, 'modules/container_apps/ingestion.tf'), 'utf8')) ??
  [];

describe('the query that workers are scaled by', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.drop());

  /** As the scaler asks: with the worker's login, and without a tenant scope. */
  const length = () =>
    withClient(database.workerUrl, async (client) => {
      const { rows } = await client.query<{ count: string }>(query);
      return Object.values(rows[0]!);
    });
  const add = (state: string, startAfter: string, name = 'ingestion-window') =>
    withClient(database.ownerUrl, (client) =>
      client.query(
        `INSERT INTO pgboss.job (name, state, start_after, policy, singleton_key) VALUES ($1, $2, now() + $3::interval, 'exclusive', gen_random_uuid()::text)`,
        [name, state, startAfter],
      ),
    );

  it('counts what waits and what is in work, not what waits for later or is over', async () => {
    expect(await length()).toEqual(['0']);
    await add('created', '-1 second');
    await add('retry', '-1 second');
    await add('active', '-1 second');
    await add('created', '-1 second', 'ingestion-plan');
    expect(await length()).toEqual(['4']);
    await add('created', '1 hour');
    await add('completed', '-1 second');
    await add('failed', '-1 second');
    expect(await length()).toEqual(['4']);
  });
});
