import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { canEnter } from './postgres-placement.js';
import { startPostgres } from './postgres.js';
import { projectRoot } from './project.js';

const nobody = { uid: 65_534, gid: 65_534 };
const possible = process.getuid?.() === 0 && canEnter(projectRoot, nobody);

describe.runIf(possible)('embedded PostgreSQL of an ordinary user', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'azcops-user-'));
  chownSync(dataDir, nobody.uid, nobody.gid);
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('runs under the account of that user', () => {
    const script = `
      import { startPostgres } from ${JSON.stringify(pathToFileURL(join(projectRoot, 'dist/scripts/postgres.js')).href)};
      const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, fast: true });
      await server.stop();
      console.log(server.owned, server.isAlive());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      ...nobody,
      cwd: '/',
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'true false\n', stderr: '' });
    expect(statSync(join(dataDir, 'cluster')).uid).toBe(nobody.uid);
  });

  it('stays that user’s when root starts it', async () => {
    const server = await startPostgres({ dataDir, fast: true });
    await server.stop();
    expect(statSync(join(dataDir, 'server.json'))).toMatchObject(nobody);
  });

  it('moves to a folder that its account can enter, and leaves the closed one as it is', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'azcops-closed-'));
    const told: string[] = [];
    const server = await startPostgres({
      dataDir: join(closed, 'postgres'),
      fast: true,
      log: (line) => told.push(line),
    });
    await server.stop();
    const moved = /the database is in (\S+)\.$/.exec(told.join('\n'))?.[1];
    expect(moved).toBeTruthy();
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    for (const folder of [closed, moved!]) rmSync(folder, { recursive: true, force: true });
  });
});
