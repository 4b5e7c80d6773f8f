import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SOURCE_IDS } from '#connectors/connector-ids.js';
import type { Config } from '#core/config.js';
import type { RunMode } from '#core/connector.js';
import { isDay } from '#core/day.js';
import { InvalidInputError } from '#core/errors.js';
import type { Logger } from '#core/logger.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { RunRow, RunStatus } from '#db/repositories/ingestion-run.repository.js';
import { connectParts, type Parts } from '../parts.js';
import { accountName } from '../account-name.js';
import { requireTenant } from '../tenant-argument.js';
import { IngestionWorker } from '../worker/ingestion-worker.js';
import { Progress } from './progress.js';
import { runTable } from './run-table.js';

const POLL_MS = 500;
/** How long the database may be away before watching ends; the run itself goes on in any worker. */
const PATIENCE_MS = 60_000;
const EXIT_CODES: Partial<Record<RunStatus, number>> = { succeeded: 0, partially_succeeded: 2 };

/**
 * `full` or `incremental`: asks for one run and works on it in this process until it ends, or is told to stop.
 * Exit code 0 succeeded, 2 partially succeeded, 1 failed, cancelled or stopped.
 */
export async function runOnce(mode: RunMode, args: string[], config: Config, logger: Logger): Promise<number> {
  const options = parseOptions(args);
  const parts = await connectParts(config, logger);
  const worker = new IngestionWorker(parts);
  const stopped = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stopped.abort());
  try {
    const tenant = options.tenant ? await requireTenant(parts.tenants, options.tenant) : null;
    const requested = await parts.runs.request(
      ALL_TENANTS,
      {
        mode,
        tenantId: tenant?.id ?? null,
        subscriptionIds: options.subscription ?? null,
        connectors: options.connector ?? null,
        from: options.from ?? null,
        to: options.to ?? null,
        source: 'cli',
      },
      { tenantId: null, id: 'command-line', name: accountName(), correlationId: randomUUID() },
    );
    const runId = requested!.runId;
    await worker.start();
    const run = await follow(parts, runId, stopped.signal);
    if (!run) {
      process.stderr.write(`Stopped. Any worker goes on with run ${runId}.\n`);
      return 1;
    }
    process.stdout.write(`${runTable(run, await parts.windows.list(ALL_TENANTS, runId))}\n`);
    return EXIT_CODES[run.status] ?? 1;
  } finally {
    await worker.stop();
  }
}

function parseOptions(args: string[]) {
  const problem = (message: string) => new InvalidInputError(message);
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        tenant: { type: 'string' },
        subscription: { type: 'string', multiple: true },
        connector: { type: 'string', multiple: true },
        from: { type: 'string' },
        to: { type: 'string' },
      },
    }));
  } catch (error) {
    throw problem((error as Error).message);
  }
  for (const name of ['from', 'to'] as const) {
    if (values[name] !== undefined && !isDay(values[name])) throw problem(`--${name} must be a day as YYYY-MM-DD.`);
  }
  if ((values.from === undefined) !== (values.to === undefined))
    throw problem('--from and --to must be given together.');
  if (values.from && values.to && values.from > values.to) throw problem('--to must not be before --from.');
  for (const connector of values.connector ?? []) {
    if (!(SOURCE_IDS as readonly string[]).includes(connector)) {
      throw problem(`There is no connector ${connector}; there are ${SOURCE_IDS.join(', ')}.`);
    }
  }
  return values;
}

/**
 * Follows the run to its end; null when it is told to stop before. The run outlives a database that is away for a while, and
 * so does whoever watches it.
 */
async function follow({ runs, clock, logger }: Parts, runId: string, stopped: AbortSignal): Promise<RunRow | null> {
  const progress = new Progress(process.stderr);
  for (let failures = 0; !stopped.aborted;) {
    try {
      const run = await runs.get(ALL_TENANTS, runId);
      failures = 0;
      progress.show(run);
      if (run.status !== 'queued' && run.status !== 'running') {
        progress.end();
        return run;
      }
    } catch (error) {
      failures += 1;
      if (failures * POLL_MS > PATIENCE_MS) throw error;
      if (failures === 1)
        logger.warn({ operation_name: 'follow_run', run_id: runId, err: error }, 'no word of the run');
    }
    await clock.sleep(POLL_MS, stopped).catch(() => undefined);
  }
  progress.end();
  return null;
}
