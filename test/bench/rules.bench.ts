import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, dayOf } from '#core/day.js';
import { TestIngestion } from '../harness/ingestion.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { quotaBoundMs } from '../harness/quota-bound.js';
import { runCosts } from './cost-run.js';
import { fillEstate } from './estate-of-size.js';
import { report } from './results.js';
import { runWithWorkers, type WorkerRun } from './worker-run.js';

/** `BENCH_SUBSCRIPTIONS` makes it smaller. */
const SUBSCRIPTIONS = Number(process.env['BENCH_SUBSCRIPTIONS'] ?? 1_000);
const RESOURCES = 100;
const MEGABYTE = 1024 * 1024;
const YESTERDAY = addDays(dayOf(new Date()), -1);

/**
 * Of each subscription's resources five are machines with metrics, the others disks, cards, addresses, plans and
 * databases, half of them waste. In place of what inventory and Monitor would have brought.
 */
const VARIETY = `
  UPDATE resources r SET type = k.type, properties = k.properties, sku = k.sku
  FROM (SELECT resource_id, substring(name FROM '\\d+')::int AS n FROM resources) i
  CROSS JOIN LATERAL (SELECT * FROM (VALUES
    ('microsoft.compute/virtualmachines', '{"hardwareProfile": {"vmSize": "Standard_D4s_v5"}, "storageProfile": {"osDisk": {"osType": "Linux"}}, "timeCreated": "2024-01-01T00:00:00Z", "extended": {"instanceView": {"powerState": {"code": "PowerState/running"}}}}'::jsonb, NULL::jsonb),
    ('microsoft.compute/disks', '{"diskState": "Unattached", "timeCreated": "2024-01-01T00:00:00Z", "diskSizeGB": 128}', '{"name": "Premium_LRS"}'),
    ('microsoft.network/networkinterfaces', '{"ipConfigurations": []}', NULL),
    ('microsoft.network/publicipaddresses', '{"ipConfiguration": {"id": "/x"}}', '{"name": "Standard"}'),
    ('microsoft.web/serverfarms', '{"numberOfSites": 2, "status": "Ready"}', '{"name": "P1v3", "tier": "PremiumV3", "capacity": 1}'),
    ('microsoft.sql/servers/databases', '{"status": "Online", "currentServiceObjectiveName": "S3"}', '{"name": "S3", "tier": "Standard", "capacity": 100}')
  ) v (type, properties, sku) OFFSET CASE WHEN i.n <= 5 THEN 0 ELSE 1 + i.n % 5 END LIMIT 1) k
  WHERE r.resource_id = i.resource_id;
  INSERT INTO resource_metrics (tenant_id, resource_id, metric, subscription_id, resource_type, unit, from_at, to_at,
    interval_minutes, average, minimum, maximum, p05, p95, sample_count, coverage)
  SELECT tenant_id, resource_id, metric, subscription_id, type, 'Percent', now() - interval '14 days', now(), 60,
         level, level, level, level, level, 336, 1
  FROM resources CROSS JOIN (VALUES ('Percentage CPU', 3.0), ('Available Memory Percentage', 80.0), ('Network In Total', 1000.0),
                                    ('Network Out Total', 1000.0), ('Disk Read Bytes', 10.0), ('Disk Write Bytes', 10.0)) m (metric, level)
  WHERE type = 'microsoft.compute/virtualmachines';
  UPDATE subscriptions SET inventory_at = now();
  ANALYZE`;

describe('rules over an estate', { timeout: 1_800_000 }, () => {
  let server: OwnPostgres;
  beforeAll(async () => void (server = await OwnPostgres.start()), 60_000);
  afterAll(() => server.drop());

  const assess = async (subscriptions: number): Promise<WorkerRun & { findings: number }> => {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-bench-'));
    const own = await OwnPostgres.start();
    const ingestion = await TestIngestion.open({}, 1, own);
    try {
      await fillEstate(own.ownerUrl, { subscriptions, resources: RESOURCES, to: YESTERDAY, days: 30 }, 'bench');
      await ingestion.logins.owner.pool.query(VARIETY);
      const process = { databaseUrl: own.workerUrl, dataDir: folder, connectors: ['rules'] };
      const run = await runWithWorkers(own, ingestion, process, 1, {});
      const { rows } = await ingestion.logins.owner.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM recommendations WHERE source = 'rules'`,
      );
      return { ...run, findings: rows[0]!.n };
    } finally {
      await ingestion.end();
      await own.drop();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('take a small part of a refresh, and no more memory for four times the subscriptions', async () => {
    const small = await assess(SUBSCRIPTIONS / 4);
    const large = await assess(SUBSCRIPTIONS);
    // The cost half of the same estate's refresh, without the network and without any quota.
    const costs = await runCosts(
      server,
      { subscriptions: SUBSCRIPTIONS, resources: RESOURCES, from: '2026-04-01', days: 30 },
      1,
    );
    const refreshSeconds = quotaBoundMs(2 * SUBSCRIPTIONS) / 1_000;
    const peak = (run: WorkerRun) => run.workers[0]!.peakBytes / MEGABYTE;
    const line = (run: typeof small) =>
      `${run.seconds.toFixed(1)} s, ${peak(run).toFixed(0)} MB, ${run.findings} findings; processor: worker ` +
      `${run.workers[0]!.cpuSeconds.toFixed(1)} s, database ${run.databaseCpuSeconds.toFixed(1)} s`;
    report('rules', {
      [`${(SUBSCRIPTIONS / 4) * RESOURCES} resources`]: line(small),
      [`${SUBSCRIPTIONS * RESOURCES} resources, ${SUBSCRIPTIONS * 5} machines`]: line(large),
      memory: `${(peak(large) / peak(small)).toFixed(2)} times`,
      'costs of the same estate': `${costs.rows} rows in ${costs.seconds.toFixed(1)} s`,
      'of their time': (large.seconds / costs.seconds).toFixed(3),
      'of a refresh’s time within Azure’s quotas': `${(large.seconds / refreshSeconds).toFixed(4)} of ${Math.round(refreshSeconds / 60)} min`,
    });
    expect(large.findings).toBeGreaterThan(0);
    expect(large.seconds / refreshSeconds).toBeLessThan(0.1);
    // What the runtime keeps before it collects grows a little with the length of the run.
    expect(peak(large) / peak(small)).toBeLessThanOrEqual(1.35);
  });
});
