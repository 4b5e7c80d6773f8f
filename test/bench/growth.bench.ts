import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { addDays, dayOf } from '#core/day.js';
import { createLogger } from '#core/logger.js';
import { HOME, TestApi } from '../../apps/api/testing/test-api.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { fillEstate } from './estate-of-size.js';
import { loadOf, type Load } from './load.js';
import { report } from './results.js';

const YESTERDAY = addDays(dayOf(new Date()), -1);
/** The same resources and days per subscription: ten, a hundred and a thousand of them. */
const SUBSCRIPTIONS = [10, 100, 1_000];
const SIZE = { resources: 110, to: YESTERDAY, days: 91 };
const WEEK = `from=${addDays(YESTERDAY, -6)}&to=${YESTERDAY}`;
const PATHS = {
  summary: '/api/v1/costs/summary',
  'of one subscription': '/api/v1/costs/summary?subscription_id=5b000000-0000-4000-8000-000000000001',
  groups: `/api/v1/costs?group_by=service_name&${WEEK}`,
  'of facts': `/api/v1/costs?group_by=resource_group&${WEEK}`,
  records: `/api/v1/costs?${WEEK}`,
  resources: '/api/v1/resources',
};

/** What a hundred times as many rows cost a reader. */
describe('growth', { timeout: 1_800_000 }, () => {
  const loads = new Map<number, Record<keyof typeof PATHS, Load>>();
  afterAll(() => {
    const rows = [...loads].map(([facts, load]) => [
      `${facts} facts`,
      Object.entries(load)
        .map(([name, { p50Ms, p99Ms }]) => `${name} p50 ${p50Ms} p99 ${p99Ms} ms`)
        .join(', '),
    ]);
    report('growth', Object.fromEntries(rows));
  });

  it.each(SUBSCRIPTIONS)('with %i subscriptions', async (subscriptions) => {
    const server = await OwnPostgres.start();
    try {
      const facts = await fillEstate(server.ownerUrl, { ...SIZE, subscriptions }, HOME);
      const logger = createLogger({ level: 'info', format: 'json', service: 'api' }, pino.destination('/dev/null'));
      const api = await TestApi.start({ databaseUrl: server.apiUrl, logger });
      await api.app.listen(0, '127.0.0.1');
      const url = (await api.app.getUrl()).replace('[::1]', '127.0.0.1');
      const headers = { authorization: `Bearer ${await api.token('AzCops.Reader')}` };
      const measured: Partial<Record<keyof typeof PATHS, Load>> = {};
      for (const [name, path] of Object.entries(PATHS)) {
        measured[name as keyof typeof PATHS] = await loadOf(url + path, headers);
      }
      loads.set(facts, measured as Record<keyof typeof PATHS, Load>);
      await api.close();
      const counted = await withClient(server.ownerUrl, (client) =>
        client.query<{ n: string }>('SELECT count(*) AS n FROM costs_daily'),
      );
      expect(Number(counted.rows[0]!.n)).toBe(facts);
    } finally {
      await server.drop();
    }
  });

  it('leaves the summary nearly as fast', () => {
    const [small, , large] = [...loads.values()];
    const ratio = large!.summary.p99Ms / small!.summary.p99Ms;
    report('growth of the summary', { 'p99 at a hundred times the rows': `${ratio.toFixed(2)} times` });
    expect(ratio).toBeLessThanOrEqual(1.5);
  });
});
