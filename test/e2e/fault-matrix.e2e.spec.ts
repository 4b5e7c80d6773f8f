import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureApi } from '#connectors/azure/azure-api.js';
import { CONNECTOR_IDS } from '#connectors/connector-ids.js';
import { createConnectors } from '#connectors/registry.js';
import { FakeBudget } from '#connectors/testing/fake-budget.js';
import { ManualClock } from '#connectors/testing/manual-clock.js';
import type { WindowRow } from '#db/repositories/ingestion-window.repository.js';
import { estateDigest, type EstateDigest } from '../harness/estate-digest.js';
import { applies, FAULT_COLUMNS, FAULT_ROWS, IMPATIENCE_MS, type FaultRow } from '../harness/fault-kinds.js';
import { faultCell, faultTable, type FaultCell } from '../harness/fault-table.js';
import { TestIngestion } from '../harness/ingestion.js';
import { addTenant } from '../harness/ledger.js';
import { until } from '../harness/processes.js';
import { SmallPages } from '../harness/small-pages.js';
import { TestSandbox } from '../harness/sandbox.js';

const DAYS = { from: '2026-03-01', to: '2026-03-10' };
const NOW = '2026-03-20T08:00:00Z';

describe('every fault meets every source', { timeout: 60_000 }, () => {
  const clock = new ManualClock(NOW);
  const cells: FaultCell[] = [];
  let sandbox: TestSandbox;
  let network: SmallPages;
  /** Two workers of one database: one waits for answers as long as it takes, one does not. */
  let patient: TestIngestion;
  let impatient: TestIngestion;
  let tenantId: string;
  let undisturbed: EstateDigest;
  /** Rows of each window when nothing went wrong, by way of reading and scope. */
  const rowsRead = new Map<string, number>();

  beforeAll(async () => {
    sandbox = await TestSandbox.start({
      tenants: 1,
      subscriptions: 3,
      subscriptionsPage: 1,
      resources: 30,
      vms: 2,
      days: 30,
      now: NOW,
    });
    network = new SmallPages(readFileSync(sandbox.description.caFile, 'utf8'));
    patient = await TestIngestion.open({ clock, connectors: connectors(30_000) });
    impatient = await patient.beside({ clock, connectors: connectors(IMPATIENCE_MS) });
    tenantId = await addTenant(patient.logins.owner, 'estate', sandbox.description.tenants[0]!.tenantId);
    for (const connector of CONNECTOR_IDS) {
      const { status, windows } = await run(patient, connector);
      expect([connector, status, windows.map(({ reason }) => reason)]).toEqual([
        connector,
        'succeeded',
        windows.map(() => null),
      ]);
    }
    undisturbed = await estateDigest(patient.logins);
    for (const row of FAULT_ROWS) await undisturbedRun(row);
  }, 60_000);
  afterAll(async () => {
    process.stdout.write(
      `\n${faultTable(
        FAULT_ROWS.map(({ name }) => name),
        FAULT_COLUMNS.map(({ name }) => name),
        [...cells, ...notApplicable()],
      )}${cells.length} cells, and ${notApplicable().length} that do not apply (n/a): a source without pages, links or tokens has none to falsify.\n`,
    );
    await impatient?.end();
    await patient?.end();
    await sandbox?.[Symbol.asyncDispose]();
  });

  function connectors(requestTimeoutMs: number) {
    const { url, metricsUrlTemplate, retailPricesUrl, application } = sandbox.description;
    const api = new AzureApi({
      resourceManagerUrl: url,
      metricsUrlTemplate,
      retailPricesUrl,
      authorityHost: url,
      credentials: { default: { ...application }, byRef: {} },
      clientType: 'azcops',
      userAgent: 'azcops/test',
      clock,
      random: () => 0,
      logger: pino({ level: 'silent' }),
      budget: new FakeBudget(clock),
      quotas: { limits: 'off', reserve: 0 },
      requestTimeoutMs,
      httpClient: network,
    });
    return new Map(createConnectors(api).map((connector) => [connector.id, connector]));
  }

  function notApplicable(): FaultCell[] {
    return FAULT_ROWS.flatMap((row) =>
      FAULT_COLUMNS.filter((column) => !applies(row, column)).map((column) => ({
        row: row.name,
        column: column.name,
        outcome: 'n/a',
        reason: null,
      })),
    );
  }

  /** A run of one connector to its end; waits take no time, and `afterAttempt` looks at what each attempt has left. */
  async function run(
    worker: TestIngestion,
    connector: string,
    afterAttempt: (window: WindowRow) => Promise<void> = async () => {},
  ) {
    // Whatever is read again has been seen later.
    clock.advance(1_000);
    const runId = await worker.startRun(tenantId, { connectors: [connector], ...DAYS });
    for (let round = 0; round < 20; round += 1) {
      const open = (await worker.windows(runId)).filter(({ status }) => status === 'pending');
      if (open.length === 0) break;
      for (const window of open) {
        if (window.waiting_until) {
          // The database counts in real time.
          clock.advance(Math.max(0, window.waiting_until.getTime() - Date.now()));
          await worker.endWait(window.id);
        }
        await afterAttempt(await worker.attempt(window));
      }
      await worker.plan(runId);
    }
    return { status: (await worker.run(runId)).status, windows: await worker.windows(runId) };
  }

  async function undisturbedRun({ name, connector, forbidden = () => false }: FaultRow) {
    network.isForbidden = forbidden;
    const { status, windows } = await run(patient, connector);
    network.isForbidden = () => false;
    expect([name, status, windows.map(({ reason }) => reason)]).toEqual([name, 'succeeded', windows.map(() => null)]);
    expect(await estateDigest(patient.logins)).toEqual(undisturbed);
    for (const { scope, rows } of windows) {
      expect(rows).toBeGreaterThan(0);
      rowsRead.set(`${name} ${scope}`, rows);
    }
  }

  it('reads something that faults can be seen in', () => {
    expect(undisturbed.revisions).toBe(0);
    expect(undisturbed.costs.length).toBeGreaterThan(1);
    for (const part of ['subscriptions', 'resources', 'recommendations', 'metrics'] as const) {
      expect([part, undisturbed[part].length]).toEqual([part, 3]);
    }
    for (const part of ['prices', 'sizes'] as const) expect(undisturbed[part].length).toBeGreaterThan(1);
  });

  describe.each(FAULT_ROWS.map((row) => [row.name, row] as const))('%s', (_row, row) => {
    const columns = FAULT_COLUMNS.filter((column) => applies(row, column));
    it.each(columns.map((column) => [column.name, column] as const))('%s', async (_column, column) => {
      await sandbox.clearFaults();
      const fault = await sandbox.addFault({ service: row.service, ...column.fault });
      network.isForbidden = row.forbidden ?? (() => false);
      const worker = column.fault.delayMs ? impatient : patient;
      const seen: EstateDigest[] = [];
      const reasons: string[] = [];
      const { status, windows } = await run(worker, row.connector, async ({ reason }) => {
        seen.push(await estateDigest(patient.logins));
        if (reason) reasons.push(reason);
      });
      cells.push(faultCell(row.name, column.name, windows, reasons));
      // At no time may a reader see anything else than the estate as it is.
      for (const digest of seen) expect(digest).toEqual(undisturbed);
      // A slow answer is on record only once it was given, although nobody waited for it.
      await until('the fault on record', async () => (await sandbox.faultsHit()).includes(fault));

      for (const { scope, status: ending, reason, rows } of windows) {
        if (ending === 'succeeded' && reason === null) {
          expect([scope, rows]).toEqual([scope, rowsRead.get(`${row.name} ${scope}`)]);
        } else expect(reason).toMatch(/\w/);
      }
      // Trouble with pages can be told from a good answer only by looking; it is never sat out.
      if (column.needs && column.needs !== 'token') expect(reasons.length).toBeGreaterThan(0);
      if (column.lasting) expect(windows.some(({ reason }) => reason !== null)).toBe(true);
      else expect(status).toBe('succeeded');

      await sandbox.clearFaults();
      if (status !== 'succeeded' || windows.some(({ reason }) => reason !== null)) await undisturbedRun(row);
      expect(await estateDigest(patient.logins)).toEqual(undisturbed);
    });
  });

  it('leaves no cell out', () => {
    expect(cells.length + notApplicable().length).toBe(FAULT_ROWS.length * FAULT_COLUMNS.length);
    expect(cells.length).toBe(
      FAULT_ROWS.reduce((sum, row) => sum + FAULT_COLUMNS.filter((each) => applies(row, each)).length, 0),
    );
  });
});
