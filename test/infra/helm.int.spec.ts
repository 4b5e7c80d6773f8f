import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { chart } from './helm-chart.js';

describe('the query that scales workers', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.drop());

  it('counts the windows that can be worked on, with the worker’s login', async () => {
    const template = readFileSync(join(chart, 'templates/autoscaling.yaml'), 'utf8');
    const query = /query: >-\n((?: {10}.*\n)+)/.exec(template)![1]!.replaceAll(/\s+/g, ' ').trim();
    const count = () => withClient(database.workerUrl, async (client) => (await client.query(query)).rows);
    expect(await count()).toEqual([{ count: '0' }]);
    await withClient(database.workerUrl, (client) =>
      client.query(
        `INSERT INTO pgboss.job (name, data, start_after) VALUES
           ('ingestion-window', '{}', now()), ('ingestion-window', '{}', now() + interval '1 hour'), ('ingestion-plan', '{}', now())`,
      ),
    );
    expect(await count()).toEqual([{ count: '1' }]);
  });
});
