import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HungUpError } from '#core/errors.js';
import { ALL_TENANTS, oneTenant, Reader } from '#core/scope.js';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { SilentWay } from '../../test/harness/silent-way.js';
import { isDatabaseAway } from './away.js';
import { Database } from './database.js';
import { createPool } from './pool.js';

const TENANT = '11111111-1111-4111-8111-111111111111';

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

describe('a process whose server gives no further connection', () => {
  const allow = (connections: number) =>
    withClient(test.ownerUrl, (client) =>
      client.query(`ALTER DATABASE ${new URL(test.ownerUrl).pathname.slice(1)} CONNECTION LIMIT ${connections}`),
    );

  it('goes on with those that it has', async () => {
    const crowded = new Database(createPool({ url: test.workerUrl }));
    const refused = new Promise((resolve) => {
      const connect = crowded.pool.connect.bind(crowded.pool) as () => Promise<PoolClient>;
      crowded.pool.connect = (() =>
        connect().catch((error: unknown) => {
          resolve(error);
          throw error;
        })) as never;
    });
    const only = await crowded.connect();
    await allow(1);
    try {
      const answer = crowded.query(ALL_TENANTS, 'SELECT 1 AS one');
      expect(await Promise.race([refused, answer])).toMatchObject({ code: '53300' });
      only.release();
      expect(await answer).toEqual([{ one: 1 }]);
    } finally {
      await allow(-1);
      await crowded.close();
    }
  });
});

describe('a server that is gone without a word', () => {
  it('is noticed on connections that wait for it, long before the system would ask', async () => {
    const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    const pool = createPool({ url: test.workerUrl });
    try {
      await pool.query('SELECT 1');
      expect(keepAlive).toHaveBeenCalledWith(true, 10_000);
    } finally {
      await pool.end();
      keepAlive.mockRestore();
    }
  });

  it('does not keep the statements that were sent to it, and those of others go on', async () => {
    await using way = await SilentWay.to(test.workerUrl);
    const cutOff = new Database(createPool({ url: way.url }));
    try {
      const { pid } = (await cutOff.query<{ pid: number }>(ALL_TENANTS, 'SELECT pg_backend_pid() AS pid'))[0]!;
      way.fallSilent();
      const unanswered = expect(cutOff.query(ALL_TENANTS, 'SELECT 1 AS one')).rejects.toSatisfy(isDatabaseAway);
      // The server that is asked has to be another one: here it has forgotten the process.
      await withClient(test.ownerUrl, (client) => client.query('SELECT pg_terminate_backend($1)', [pid]));
      const slow = cutOff.query(ALL_TENANTS, `SELECT 1 AS one FROM pg_sleep(1)`);
      await expect.poll(() => cutOff.endLost()).toBe(1);
      await unanswered;
      expect(await slow).toEqual([{ one: 1 }]);
      expect(await cutOff.endLost()).toBe(0);
    } finally {
      await cutOff.close();
    }
  });

  it('is given up, and asked anew', { timeout: 20_000 }, async () => {
    await using way = await SilentWay.to(test.workerUrl);
    const cutOff = new Database(createPool({ url: way.url, statementTimeoutMs: 100, poolSize: 1 }));
    try {
      expect(await cutOff.isUp()).toBe(true);
      way.fallSilent();
      expect(await cutOff.isUp()).toBe(false);
      expect(await cutOff.query(ALL_TENANTS, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      way.fallSilent();
      await expect(cutOff.query(ALL_TENANTS, 'SELECT 1 AS one')).rejects.toSatisfy(isDatabaseAway);
      expect(await cutOff.query(ALL_TENANTS, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await cutOff.close();
    }
  });
});

describe('statements that change something together', () => {
  const close = (key: string) => ({
    sql: 'INSERT INTO quota_closures (tenant_id, key, until) VALUES ($1, $2, now()) RETURNING key',
    values: [TENANT, key],
  });
  const keys = async () =>
    (await database.query<{ key: string }>(oneTenant(TENANT), 'SELECT key FROM quota_closures ORDER BY key')).map(
      ({ key }) => key,
    );

  afterAll(() => withClient(test.ownerUrl, (client) => client.query('TRUNCATE quota_closures')));

  it('are all done or none, and answer their rows', async () => {
    expect(await database.writes(oneTenant(TENANT), [close('a'), close('b')])).toEqual([
      [{ key: 'a' }],
      [{ key: 'b' }],
    ]);
    await expect(database.writes(oneTenant(TENANT), [close('c'), close('a')])).rejects.toThrow(/duplicate key/);
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('are held to the scope', async () => {
    const other = oneTenant(crypto.randomUUID());
    await expect(database.writes(other, [close('d')])).rejects.toThrow(/row-level security/);
  });

  it('wait for the disk unless it does not matter, and leave that to their own transaction', async () => {
    const single = new Database(createPool({ url: test.workerUrl, poolSize: 1 }));
    const setting = {
      sql: `SELECT source = 'session' AS changed FROM pg_settings WHERE name = 'synchronous_commit'`,
      values: [],
    };
    const changed = async (options?: { durable: boolean }) =>
      (await single.writes<[{ changed: boolean }]>(oneTenant(TENANT), [setting], options))[0][0]!.changed;
    try {
      expect([await changed(), await changed({ durable: false }), await changed()]).toEqual([false, true, false]);
    } finally {
      await single.close();
    }
  });
});

describe('a reader who hangs up', () => {
  let single: Database;
  beforeAll(
    () =>
      void (single = new Database(
        createPool({ url: test.workerUrl, poolSize: 1 }),
        undefined,
        createPool({ url: test.workerUrl, poolSize: 1 }),
      )),
  );
  afterAll(() => single.close());

  const connection = () => Object.assign(new EventEmitter(), { destroyed: false });
  const hangUp = (one: ReturnType<typeof connection>) => {
    one.destroyed = true;
    one.emit('close');
  };
  const read = (reader: Reader | undefined, sql: string) =>
    single.query<{ answer: number }>({ ...oneTenant(TENANT), reader }, sql);
  const process = async () => (await read(undefined, 'SELECT pg_backend_pid() AS answer'))[0]!.answer;
  const running = async () => {
    const sql = `SELECT count(*)::int AS sleeping FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'`;
    const [row] = await database.query<{ sleeping: number }>(ALL_TENANTS, sql);
    return row!.sleeping;
  };

  it('ends the statement that runs, and the connection stays usable', async () => {
    const before = await process();
    for (let time = 0; time < 3; time += 1) {
      const one = connection();
      const reading = expect(read(new Reader(one), 'SELECT pg_sleep(60)::text AS answer')).rejects.toThrow(HungUpError);
      await expect.poll(running).toBe(1);
      hangUp(one);
      await reading;
      expect(await running()).toBe(0);
      expect(one.listenerCount('close')).toBe(0);
    }
    expect(await process()).toBe(before);
  });

  it('before a connection is free has nothing started', async () => {
    const [first, second] = [connection(), connection()];
    const reading = expect(read(new Reader(first), 'SELECT pg_sleep(60)::text AS answer')).rejects.toThrow(HungUpError);
    await expect.poll(running).toBe(1);
    const waiting = expect(read(new Reader(second), `SELECT 1 AS answer, pg_advisory_lock(1)`)).rejects.toThrow(
      HungUpError,
    );
    hangUp(second);
    hangUp(first);
    await Promise.all([reading, waiting]);
    const locks = `SELECT count(*)::int AS answer FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = 1`;
    expect(await read(undefined, locks)).toEqual([{ answer: 0 }]);
  });

  it('after the answer ends nothing', async () => {
    const one = connection();
    expect(await read(new Reader(one), 'SELECT 1 AS answer')).toEqual([{ answer: 1 }]);
    const next = read(new Reader(connection()), 'SELECT 2 AS answer, pg_sleep(0.2)::text');
    hangUp(one);
    expect(await next).toMatchObject([{ answer: 2 }]);
  });

  it('does not keep anybody from hearing that the database answers', async () => {
    const one = connection();
    const reading = expect(read(new Reader(one), 'SELECT pg_sleep(60)::text AS answer')).rejects.toThrow(HungUpError);
    await expect.poll(running).toBe(1);
    expect(await single.isUp()).toBe(true);
    hangUp(one);
    await reading;
  });
});

describe('a statement that is prepared', () => {
  let reader: Database;
  const read = <Row extends object = { answer: unknown }>(sql: string, ...values: unknown[]) =>
    reader.query<Row>(ALL_TENANTS, sql, values);

  it('goes on after a migration changed what it answers', async () => {
    reader = new Database(createPool({ url: test.workerUrl, poolSize: 4 }));
    try {
      const all = () => read<{ key: string }>('SELECT * FROM quota_closures');
      const change = (sql: string) => withClient(test.ownerUrl, (client) => client.query(sql));
      // All connections of the pool have it prepared.
      expect(await Promise.all([all(), all(), all(), all()])).toEqual([[], [], [], []]);
      await change('ALTER TABLE quota_closures ADD added integer');
      await change(`INSERT INTO quota_closures VALUES (gen_random_uuid(), 'k', now())`);
      expect(Object.keys((await all())[0]!)).toContain('added');
      await change('TRUNCATE quota_closures');
    } finally {
      await reader.close();
    }
  });

  describe('on one connection', () => {
    const process = async () => (await read<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]!.pid;
    beforeAll(async () => void (reader = new Database(createPool({ url: test.workerUrl, poolSize: 1 }))));
    afterAll(() => reader.close());

    it.each([
      ['a statement that is none', 'SELEKT', /syntax error/],
      ['a value that is none of its type', `SELECT $1::int AS answer /* none */`, /invalid input syntax/],
      ['rows that end in an error', 'SELECT 1 / (2 - n) AS answer FROM generate_series(1, 3) n', /division by zero/],
    ])('stays usable after %s', async (_what, sql, message) => {
      const before = await process();
      for (let time = 0; time < 2; time += 1) {
        const values = sql.includes('$1') ? ['x'] : [];
        await expect(read(sql, ...values)).rejects.toThrow(message);
        // What came after it in the same message was never looked at, and is prepared when it comes again.
        const rest = `SELECT ${time} AS answer /* after ${sql.length} */`;
        const both = reader.queries<[object, object]>(ALL_TENANTS, [
          { sql, values },
          { sql: rest, values: [] },
        ]);
        await expect(both).rejects.toThrow(message);
        expect(await read(rest)).toEqual([{ answer: time }]);
      }
      expect(await process()).toBe(before);
    });

    it('answers rows of its own columns each time, also none', async () => {
      const sql = 'SELECT $1::text AS text, $2::date AS day, $3::int[] AS numbers WHERE $4';
      const values = ['ä', '2026-01-31', [1, 2]];
      for (let time = 0; time < 2; time += 1) {
        expect(await read(sql, ...values, false)).toEqual([]);
        expect(await read(sql, ...values, true)).toEqual([{ text: 'ä', day: '2026-01-31', numbers: [1, 2] }]);
        expect(await read(sql, null, null, null, true)).toEqual([{ text: null, day: null, numbers: null }]);
      }
    });

    it('may be asked twice at once', async () => {
      const same = { sql: 'SELECT $1::text AS answer /* twice */', values: ['a'] };
      const both = () => reader.queries<[object, object]>(ALL_TENANTS, [same, { ...same, values: ['b'] }]);
      for (let time = 0; time < 2; time += 1) expect(await both()).toEqual([[{ answer: 'a' }], [{ answer: 'b' }]]);
    });

    it('may be asked alone and in a transaction, in turns', async () => {
      const sql = 'SELECT $1::text AS answer /* in turns */';
      const inTransaction = () => reader.transaction(ALL_TENANTS, (tx) => tx.query(sql, ['a']));
      for (let time = 0; time < 2; time += 1) {
        expect(await read(sql, 'a')).toEqual([{ answer: 'a' }]);
        expect(await inTransaction()).toEqual([{ answer: 'a' }]);
      }
    });

    it('leaves the others their rows when it is one that may time out', async () => {
      const slow = { sql: 'SELECT pg_sleep(10)::text AS slept', values: [] };
      const first = { sql: 'SELECT 1 AS answer', values: [] };
      const hurry = new Database(createPool({ url: test.workerUrl, poolSize: 1, statementTimeoutMs: 50 }));
      try {
        const ask = (mayTimeOut: boolean) =>
          hurry.queries<[object, object]>(ALL_TENANTS, [first, { ...slow, mayTimeOut }]);
        expect(await ask(true)).toEqual([[{ answer: 1 }], []]);
        await expect(ask(false)).rejects.toThrow(/statement timeout/);
        expect(await ask(true)).toEqual([[{ answer: 1 }], []]);
      } finally {
        await hurry.close();
      }
    });

    it('is answered the same when there are too many to prepare', async () => {
      const texts = Array.from({ length: 250 }, (_, index) => `SELECT ${index} AS answer, $1::text AS text`);
      const statements = texts.map((sql) => ({ sql, values: ['a'] }));
      for (let time = 0; time < 2; time += 1) {
        expect(await reader.queries(ALL_TENANTS, statements)).toEqual(
          texts.map((_, index) => [{ answer: index, text: 'a' }]),
        );
      }
    });

    it('is not begun when a value of it cannot be written', async () => {
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      const before = await process();
      await expect(read('SELECT $1::jsonb AS answer', circular)).rejects.toThrow(/circular/i);
      expect(await process()).toBe(before);
    });
  });
});
