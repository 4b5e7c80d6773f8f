import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../scripts/postgres-logins.js';
import { PlainPostgres } from '../test/harness/plain-postgres.js';
import { migrate } from './migrate.js';
import { ensureProcessLogins } from './process-logins.js';

const GROUPS = ['azcops_api', 'azcops_worker'];

describe('logins of the processes', () => {
  // Roles belong to a server, not to a database.
  let server: PlainPostgres;
  let ownerUrl: string;
  beforeAll(async () => {
    server = await PlainPostgres.start();
    ownerUrl = server.ownerUrl;
  });
  afterAll(() => server?.drop());

  const rolesOf = (url: string) =>
    withClient(url, async (client) => {
      const { rows } = await client.query<{ rolname: string }>(
        `SELECT rolname FROM pg_roles WHERE rolname = ANY ($1) AND pg_has_role(current_user, oid, 'USAGE') ORDER BY rolname`,
        [GROUPS],
      );
      return rows.map(({ rolname }) => rolname);
    });

  it('are missed until they are named, then made by an owner that is no superuser', async () => {
    expect((await migrate(ownerUrl)).applied.length).toBeGreaterThan(0);
    expect(await ensureProcessLogins(ownerUrl, {})).toEqual(GROUPS);
    const api = server.as('finops-api', `p'ass"w\\ord %`);
    expect(await ensureProcessLogins(ownerUrl, { api })).toEqual(['azcops_worker']);
    const worker = server.as('finops-worker', 'of the worker');
    expect(await ensureProcessLogins(ownerUrl, { api, worker })).toEqual([]);
    expect(await rolesOf(api)).toEqual(['azcops_api']);
    expect(await rolesOf(worker)).toEqual(['azcops_worker']);
  });

  it('get a changed password', async () => {
    const api = server.as('finops-api', 'another');
    await ensureProcessLogins(ownerUrl, { api });
    expect(await rolesOf(api)).toEqual(['azcops_api']);
    await expect(rolesOf(server.as('finops-api', `p'ass"w\\ord %`))).rejects.toThrow('password authentication failed');
  });

  it('may be of somebody else’s making', async () => {
    await server.administrate(
      'DROP ROLE "finops-worker"',
      "CREATE ROLE theirs LOGIN PASSWORD 'x' IN ROLE azcops_worker",
    );
    expect(await ensureProcessLogins(ownerUrl, {})).toEqual([]);
    await expect(ensureProcessLogins(ownerUrl, { worker: server.as('theirs', 'y') })).rejects.toThrow(
      /DATABASE_WORKER_URL: the owner's login may not make or change theirs \(permission denied.*leave this out/s,
    );
    expect(await rolesOf(server.as('theirs', 'x'))).toEqual(['azcops_worker']);
  });

  it.each([
    ['the owner itself', () => ownerUrl, /manager is the owner's login/],
    ['a superuser', () => server.superuserUrl, /has rights that no process may have/],
    ['a URL that cannot be read', () => server.as('x', 'y').replace('y@', 'y%@'), /must be written as %25/],
    ['no password', () => server.as('finops-api', ''), /must name a user and a password/],
    ['a password that two programs may read differently', () => server.as('finops-api', 'pä'), /printable ASCII/],
  ])('are refused: %s', async (_, url, reason) => {
    await expect(ensureProcessLogins(ownerUrl, { api: url() })).rejects.toThrow(reason);
  });
});
