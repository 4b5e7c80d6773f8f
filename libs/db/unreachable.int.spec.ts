import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseUnreachableError } from '#core/errors.js';
import { migrate } from '../../migrations/migrate.js';
import { findFreePort } from '../../scripts/free-port.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.js';
import { Database } from './database.js';
import { createPool } from './pool.js';
import { refuseUnsafeLogin } from './process-login.js';

const SECRET = 'not-the-password';

let test: TestDatabase;
beforeAll(async () => void (test = await createTestDatabase()));
afterAll(() => test.drop());

/** What a process that begins with this connection string ends with. */
const refusal = async (url: string): Promise<DatabaseUnreachableError> => {
  const database = new Database(createPool({ url }));
  try {
    return await refuseUnsafeLogin(database, 'azcops_worker').then(
      () => expect.unreachable(),
      (error: DatabaseUnreachableError) => error,
    );
  } finally {
    await database.close();
  }
};
const changed = (url: string, changes: Partial<Pick<URL, 'port' | 'hostname' | 'password' | 'pathname'>>): string =>
  Object.assign(new URL(url), changes).href;

describe('a database that lets nobody in is named, with what to do about it:', () => {
  it('one that is away', async () => {
    const port = String(await findFreePort());
    for (const hostname of ['127.0.0.1', 'localhost']) {
      const away = changed(test.workerUrl, { hostname, port, password: SECRET });
      const { message, action } = await refusal(away);
      expect(message).toMatch(new RegExp(`^The database at ${hostname}:${port} cannot be reached \\(.*ECONNREFUSED`));
      expect(action).toBe('Check that it runs and is reachable from here, and that DATABASE_URL is right.');
      expect(message).not.toContain(SECRET);
    }
  });

  it('a login that is refused', async () => {
    const { message, action } = await refusal(changed(test.workerUrl, { password: SECRET }));
    const { host, username } = new URL(test.workerUrl);
    expect(message).toContain(`The database at ${host} refuses the login ${username} (password authentication failed`);
    expect(action).toBe('Correct user and password in DATABASE_URL, or let the server accept them.');
    expect(message).not.toContain(SECRET);
  });

  it('one that does not exist', async () => {
    const { message, action } = await refusal(changed(test.workerUrl, { pathname: '/nowhere' }));
    expect(message).toBe(`The server at ${new URL(test.workerUrl).host} has no database nowhere.`);
    expect(action).toBe('Create it, or name another one in DATABASE_URL.');
  });

  it('one whose connections are all taken', async () => {
    const limit = (connections: number) =>
      withClient(test.ownerUrl, (client) =>
        client.query(`ALTER DATABASE ${new URL(test.ownerUrl).pathname.slice(1)} CONNECTION LIMIT ${connections}`),
      );
    await limit(0);
    try {
      const { message, action } = await refusal(test.workerUrl);
      expect(message).toContain(`The database at ${new URL(test.workerUrl).host} has no connection left (too many`);
      expect(action).toContain('max_connections');
    } finally {
      await limit(-1);
    }
  });

  it('the owner’s, when it is migrated', async () => {
    const away = changed(test.ownerUrl, { port: String(await findFreePort()) });
    await expect(migrate(away)).rejects.toMatchObject({
      name: 'DatabaseUnreachableError',
      action: expect.stringContaining('DATABASE_OWNER_URL'),
    });
  });
});
