import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '#migrations/migrate.js';
import { ensureProcessLogins } from '#migrations/process-logins.js';
import { ensureDatabase, processUrls } from '../../scripts/postgres-logins.js';
import { startPostgres } from '../../scripts/postgres.js';
import { projectRoot } from '../../scripts/project.js';

/** What a test needs to clone the migrated database: connection strings of the template's server. */
export interface TestServer {
  adminUrl: string;
  template: string;
  ownerUrl: string;
  apiUrl: string;
  workerUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

const template = 'azcops_template';

/** Builds dist/ for the tests that start processes, and starts one database server with a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // `make test` has built already.
  if (!process.env['AZCOPS_LAUNCHED']) ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'azcops-test-'));
  // Passable, because the server may run under an account of its own.
  chmodSync(folder, 0o711);
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
  const stop = async () => {
    await server.stop({ immediate: true });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const ownerUrl = await ensureDatabase(server, template);
    await migrate(ownerUrl);
    const { api, worker } = processUrls(server, template);
    await ensureProcessLogins(ownerUrl, { api, worker });
    const adminUrl = server.url('postgres');
    project.provide('testServer', { adminUrl, template, ownerUrl, apiUrl: api, workerUrl: worker });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

function ensureBuilt(): void {
  const { status } = spawnSync(process.execPath, [join(projectRoot, 'scripts', 'ensure-deps.cjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The build failed; see the messages above.');
}
