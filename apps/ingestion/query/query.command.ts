import { once } from 'node:events';
import type { Writable } from 'node:stream';
import {
  type Collection,
  type QueryReport,
  ResourceGraphCollector,
} from '#connectors/resource-graph/resource-graph.collector.js';
import type { Config } from '#core/config.js';
import type { ReadContext } from '#core/connector.js';
import type { Logger } from '#core/logger.js';
import { connectParts } from '../parts.js';
import { requireTenant } from '../tenant-argument.js';
import type { QueryRequest } from './query-arguments.js';
import { queryExitCode, querySummary } from './query-summary.js';

/**
 * `query`: asks Azure live, with the credential that the tenant is registered with, and stores nothing. Rows go to
 * stdout as they come, one JSON line each; a summary goes to stderr. Exit code 0 all that was announced came, 2 some
 * query failed or came incomplete, 1 all failed.
 */
export async function runQuery(request: QueryRequest, config: Config, logger: Logger): Promise<number> {
  const parts = await connectParts(config, logger);
  // Whoever reads may have seen enough, as `head` has: nothing more is asked of Azure then.
  const stop = new AbortController();
  process.stdout.on('error', (error) => stop.abort(error));
  try {
    const tenant = await requireTenant(parts.tenants, request.tenant);
    const reports = await print(
      start(new ResourceGraphCollector(parts.azure), request, {
        tenant,
        // A tenant whose subscriptions were not discovered yet is asked as a whole.
        subscriptions: await parts.subscriptions.targets(tenant.id),
        resources: [],
        recall: async () => null,
        keep: () => Promise.resolve(),
        clock: parts.clock,
        logger,
        signal: stop.signal,
      }),
      process.stdout,
    );
    process.stderr.write(`${querySummary(reports)}\n`);
    return queryExitCode(reports);
  } catch (error) {
    if ((stop.signal.reason as NodeJS.ErrnoException | undefined)?.code === 'EPIPE') return 0;
    throw error;
  } finally {
    await parts.close();
  }
}

function start(collector: ResourceGraphCollector, { family, queries }: QueryRequest, context: ReadContext): Collection {
  if (family === 'waste') return collector.collectWasteCandidates(context);
  if (family === 'rightsizing') return collector.collectRightsizingCandidates(context);
  return collector.run(queries, context);
}

async function print(collection: Collection, output: Writable): Promise<QueryReport[]> {
  for (;;) {
    const step = await collection.next();
    if (step.done) return step.value;
    const { query, rows } = step.value;
    const lines = rows.map((row) => `${JSON.stringify({ query: query.name, ...row })}\n`).join('');
    if (!output.write(lines)) await once(output, 'drain');
  }
}
