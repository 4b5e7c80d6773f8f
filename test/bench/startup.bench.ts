import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../scripts/free-port.js';
import { projectRoot } from '../../scripts/project.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { firstStart, whyNoFirstStart } from './fresh-clone.js';
import { report } from './results.js';

const ROUNDS = 5;
/** The least that answers: Node, `http` and `pg` with one statement. */
const BARE = `
  import { createServer } from 'node:http';
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  createServer((_, response) => pool.query('SELECT 1').then(() => response.end('{}'))).listen(process.env.PORT, '127.0.0.1');`;

/** From the start of the process to its first answer. */
describe('starting the API', { timeout: 120_000 }, () => {
  let server: OwnPostgres;
  beforeAll(async () => void (server = await OwnPostgres.start()), 60_000);
  afterAll(() => server.drop());

  it('against a bare server', async () => {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await firstAnswer([join(projectRoot, 'dist/apps/api/main.js')]));
      bare.push(await firstAnswer(['--input-type=module', '--eval', BARE]));
    }
    const [least, limit] = [Math.min(...ours), Math.min(...bare)];
    report('startup', {
      api: `${least.toFixed(0)} ms (${ours.map((ms) => ms.toFixed(0)).join(', ')})`,
      bare: `${limit.toFixed(0)} ms`,
      ratio: (least / limit).toFixed(1),
    });
    expect(least).toBeLessThan(15 * limit);
  });

  async function firstAnswer(argv: string[]): Promise<number> {
    const [port, metricsPort] = [await findFreePort(), await findFreePort()];
    const startedAt = performance.now();
    const child = spawn(process.execPath, argv, {
      cwd: projectRoot,
      stdio: 'ignore',
      env: {
        DATABASE_URL: server.apiUrl,
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        AUTH_ISSUERS: 'https://login.test/v2.0',
        AUTH_AUDIENCES: 'azcops',
        LOG_LEVEL: 'silent',
      },
    });
    try {
      while ((await statusOf(`http://127.0.0.1:${port}/health`)) !== 200) await sleep(5);
      return performance.now() - startedAt;
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

/** From `git clone` to the line that says that everything is ready, the first ingestion included. */
describe('starting from nothing', { timeout: 900_000 }, () => {
  it('takes as long as the parts that a newcomer waits for', async ({ skip }) => {
    const reason = whyNoFirstStart();
    if (reason) {
      process.stdout.write(`first start: not measured, ${reason}.\n`);
      skip(reason);
    }
    const { clone, dependencies, build, answers, ingestion, total } = await firstStart();
    const seconds = (value: number) => `${value.toFixed(1)} s`;
    report('first start', {
      'git clone': seconds(clone),
      'dependencies, npm’s cache warm': seconds(dependencies),
      build: seconds(build),
      'database, sandbox and API answer': seconds(answers),
      'first ingestion': seconds(ingestion),
      'ready after': seconds(total),
    });
  });
});

function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    get(url, (response) => resolve(response.resume().statusCode ?? 0)).on('error', () => resolve(0));
  });
}
