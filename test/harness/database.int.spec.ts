import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from './database.js';

const read = (url: string, sql: string) => withClient(url, async (client) => (await client.query(sql)).rows);

describe('test database', () => {
  let one: TestDatabase;
  let other: TestDatabase;
  beforeAll(async () => {
    [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(() => Promise.all([one.drop(), other.drop()]));

  it('is a migrated database of its own', async () => {
    await read(one.ownerUrl, 'CREATE TABLE only_here ()');
    const sql = "SELECT to_regclass('only_here') IS NOT NULL AS made, to_regclass('tenants') IS NOT NULL AS migrated";
    expect(await read(one.ownerUrl, sql)).toEqual([{ made: true, migrated: true }]);
    expect(await read(other.ownerUrl, sql)).toEqual([{ made: false, migrated: true }]);
  });

  it.each(['api', 'worker'] as const)('has a login in the role of the %s without special rights', async (role) => {
    const sql = `SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole AS special,
                        pg_has_role(current_user, 'azcops_${role}', 'USAGE') AS member
                 FROM pg_roles WHERE rolname = current_user`;
    expect(await read(role === 'api' ? one.apiUrl : one.workerUrl, sql)).toEqual([{ special: false, member: true }]);
  });
});
