import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, dayOf } from '#core/day.js';
import { createLogger } from '#core/logger.js';
import { Database } from '#db/database.js';
import { HOME, TestApi } from '../../apps/api/testing/test-api.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { BareServer, type BareStatement } from './baseline/bare-server.js';
import { fillEstate } from './estate-of-size.js';
import { loadOf, type Load } from './load.js';
import { report } from './results.js';

const YESTERDAY = addDays(dayOf(new Date()), -1);
const SIZE = { subscriptions: 100, resources: 110, to: YESTERDAY, days: 91 };
const PERIOD = `from=${addDays(YESTERDAY, -6)}&to=${YESTERDAY}`;
const ROUTES = ['costs', 'costs/summary', 'resources', 'recommendations'].map((route) => `/api/v1/${route}`);

/** Token, validation and row-level security against a bare server that runs the same statements. */
describe('serving', { timeout: 600_000 }, () => {
  let server: OwnPostgres;
  let api: TestApi;
  let url: string;
  let facts: number;
  let headers: Record<string, string>;
  beforeAll(async () => {
    server = await OwnPostgres.start();
    facts = await fillEstate(server.ownerUrl, SIZE, HOME);
    // Lines are written as in production, but to nowhere.
    const logger = createLogger({ level: 'info', format: 'json', service: 'api' }, pino.destination('/dev/null'));
    api = await TestApi.start({ databaseUrl: server.apiUrl, logger });
    await api.app.listen(0, '127.0.0.1');
    url = (await api.app.getUrl()).replace('[::1]', '127.0.0.1');
    headers = { authorization: `Bearer ${await api.token('AzCops.Reader')}` };
  }, 600_000);
  afterAll(async () => {
    await api.close();
    await server.drop();
  });

  it.each(ROUTES)('%s against the bare server, and unchanged', async (route) => {
    const path = route.endsWith('/costs') ? `${route}?${PERIOD}` : route;
    const statements = await statementsOf(path);
    const bare = await BareServer.start(server.ownerUrl, new Map([[path, statements]]));
    // In turns, and the best of three: the machine has moods.
    const rounds: { bare: Load; ours: Load }[] = [];
    for (let round = 0; round < 3; round += 1) {
      rounds.push({ bare: await loadOf(bare.url + path), ours: await loadOf(url + path, headers) });
    }
    await bare.close();
    const best = (who: 'bare' | 'ours') =>
      rounds.map((round) => round[who]).toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond)[0]!;
    const [limit, ours] = [best('bare'), best('ours')];
    const { headers: answered } = await api.call('GET', path, { headers });
    const unchanged = await loadOf(url + path, { ...headers, 'if-none-match': answered['etag']! });
    const [ofBare, ofUnchanged] = [
      ours.requestsPerSecond / limit.requestsPerSecond,
      unchanged.requestsPerSecond / limit.requestsPerSecond,
    ];
    report(`api ${path.split('?')[0]}`, {
      facts,
      statements: statements.length,
      bare: `${limit.requestsPerSecond.toFixed(0)}/s, p50 ${limit.p50Ms} ms, p99 ${limit.p99Ms} ms`,
      ours: `${ours.requestsPerSecond.toFixed(0)}/s, p50 ${ours.p50Ms} ms, p99 ${ours.p99Ms} ms`,
      unchanged: `${unchanged.requestsPerSecond.toFixed(0)}/s, p50 ${unchanged.p50Ms} ms, p99 ${unchanged.p99Ms} ms`,
      'of bare': ofBare.toFixed(3),
      'unchanged of bare': ofUnchanged.toFixed(2),
    });
    expect(unchanged.status).toBe(304);
    expect(ofBare).toBeGreaterThanOrEqual(0.9);
    expect(ofUnchanged).toBeGreaterThanOrEqual(5);
  });

  /** What the API asks of the database to answer a path. */
  async function statementsOf(path: string): Promise<BareStatement[]> {
    const database = api.app.get(Database);
    const queries = database.queries.bind(database);
    const statements: BareStatement[] = [];
    database.queries = ((scope, asked) => {
      statements.push(...(asked as readonly BareStatement[]));
      return queries(scope, asked);
    }) as typeof queries;
    try {
      // The first one looks up what the later ones remember.
      await api.call('GET', path, { headers });
      statements.length = 0;
      await api.call('GET', path, { headers });
    } finally {
      database.queries = queries;
    }
    return statements.filter(({ sql }) => !sql.includes('data_versions'));
  }
});
