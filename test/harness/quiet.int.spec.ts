import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.js';
import { Quiet } from './quiet.js';

const LONG_MS = 150;

describe('quiet', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let quiet: Quiet;
  beforeAll(async () => {
    database = await createTestDatabase();
    quiet = new Quiet();
    client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    quiet[Symbol.dispose]();
    await database.drop();
  });

  /** Whether it is reached before long. */
  const soon = async () =>
    (await Promise.race([quiet.reached().then(() => 'reached'), sleep(LONG_MS, 'not yet')])) === 'reached';

  it('is reached with open connections that nothing is asked of', async () => {
    await client.query('SELECT 1');
    await expect(quiet.reached()).resolves.toBeUndefined();
  });

  it('is not reached while the database has not yet had the processor to look at a question', async () => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const { pid } = rows[0]!;
    process.kill(pid, 'SIGSTOP');
    try {
      const answer = client.query('SELECT 1');
      expect(await soon()).toBe(false);
      process.kill(pid, 'SIGCONT');
      await answer;
      await quiet.reached();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('is reached after questions that fail, and after connections that are lost', async () => {
    await expect(client.query('SELECT 1 / 0')).rejects.toThrow(/division by zero/);
    const other = new pg.Client({ connectionString: database.ownerUrl });
    other.on('error', () => {});
    await other.connect();
    const lost = other.query('SELECT pg_sleep(60)').catch((error: Error) => error.message);
    expect(await soon()).toBe(false);
    await client.query('SELECT pg_terminate_backend($1)', [(other as unknown as { processID: number }).processID]);
    expect(await lost).toMatch(/terminat/);
    await quiet.reached();
  });

  it('is not reached while the process goes on computing in turns', async () => {
    let isOver = false;
    const turns = (async () => {
      while (!isOver) await new Promise((resolve) => setImmediate(resolve));
    })();
    expect(await soon()).toBe(false);
    isOver = true;
    await turns;
    await quiet.reached();
  });
});
