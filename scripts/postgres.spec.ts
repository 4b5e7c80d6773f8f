import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDatabase, withClient } from './postgres-logins.js';
import { canEnter, serverAccount } from './postgres-placement.js';
import { startPostgres, type Postgres } from './postgres.js';

const root = mkdtempSync(join(tmpdir(), 'azcops-postgres-'));
chmodSync(root, 0o711);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('embedded PostgreSQL', () => {
  const dataDir = join(root, 'postgres');
  let server: Postgres;
  let url: string;
  const count = () =>
    withClient(url, async (client) => (await client.query('SELECT count(*)::int FROM kept')).rows[0].count);

  beforeAll(async () => {
    server = await startPostgres({ dataDir });
    url = await ensureDatabase(server, 'azcops');
    await withClient(url, (client) => client.query('CREATE TABLE kept AS SELECT generate_series(1, 10)'));
  });
  afterAll(() => server.stop());

  it('speaks UTF8 with a locale of its own, whatever the environment says', async () => {
    const { rows } = await withClient(url, (client) =>
      client.query(
        "SELECT current_setting('server_encoding') AS encoding, upper('é') AS upper, datlocale FROM pg_database WHERE datname = 'azcops'",
      ),
    );
    expect(rows).toEqual([{ encoding: 'UTF8', upper: 'É', datlocale: 'C.UTF-8' }]);
  });

  it('refuses a wrong password', async () => {
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(withClient(wrong.href, async () => {})).rejects.toThrow(/password authentication failed/);
  });

  it('is reused by a second start, which does not stop it', async () => {
    const second = await startPostgres({ dataDir });
    expect(second).toMatchObject({ owned: false, pid: server.pid, port: server.port });
    await second.stop();
    expect(server.isAlive()).toBe(true);
    expect(await count()).toBe(10);
  });

  it('starts once when two start it at the same moment', async () => {
    await server.stop();
    const both = await Promise.all([startPostgres({ dataDir }), startPostgres({ dataDir })]);
    expect(both.map(({ owned }) => owned).toSorted()).toEqual([false, true]);
    server = both.find(({ owned }) => owned)!;
    expect(await count()).toBe(10);
  });

  it('keeps its rows and its URL over a kill of the server', async () => {
    await withClient(url, (client) => client.query('INSERT INTO kept VALUES (11)'));
    process.kill(server.pid, 'SIGKILL');
    const restarted = await startPostgres({ dataDir });
    expect(restarted.owned).toBe(true);
    expect(restarted.pid).not.toBe(server.pid);
    server = restarted;
    expect(server.url('azcops')).toBe(url);
    expect(await count()).toBe(11);
  });
});

describe.runIf(serverAccount())('placement of the server when started as root', () => {
  it('sees a closed folder on the way', () => {
    const closed = mkdtempSync(join(root, 'closed-'));
    const account = serverAccount()!;
    expect(canEnter(root, account)).toBe(true);
    expect(canEnter(closed, account)).toBe(false);
    expect(canEnter(closed, { uid: 0, gid: 0 })).toBe(true);
  });
});
