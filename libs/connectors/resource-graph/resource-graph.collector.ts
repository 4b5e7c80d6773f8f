import type { ReadContext } from '#core/connector.js';
import type { AzureApi } from '../azure/azure-api.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { mergeStreams } from './merge-streams.js';
import { allResources } from './queries/all-resources.query.js';
import { queriesOf } from './queries/index.js';
import type { ResourceGraphQuery } from './queries/query.js';
import { queryPages } from './query-pages.js';
import { QueryProof } from './query-proof.js';
import { subscriptionBatches } from './subscription-batches.js';

/** Resource Graph's quota is 15 queries in 5 seconds for everyone who reads with the same identity. */
const WASTE_QUERIES_AT_ONCE = 5;
const RIGHTSIZING_QUERIES_AT_ONCE = 3;

/** A page's rows of one query, without those that came before. */
export interface QueryRows {
  query: ResourceGraphQuery;
  rows: readonly Record<string, unknown>[];
}

/** How one query ended: what Azure announced next to what came. */
export interface QueryReport {
  query: ResourceGraphQuery;
  pages: number;
  /** Rows handed out. */
  rows: number;
  /** Rows that Azure sent, repeated ones included. */
  received: number;
  /** Rows that Azure announced (`totalRecords`), over all batches of subscriptions. */
  expected: number;
  duplicates: number;
  /** Azure left something out: it cut an answer off, or looked at a part of the subscriptions only. */
  truncated: boolean;
  /** Everything announced came, once. */
  complete: boolean;
  /** Why `complete` is false; null otherwise. */
  incompleteReason: string | null;
  durationMs: number;
  /** Why the query ended early; null when it did not. Its rows until then were handed out. */
  error: Error | null;
}

/** Rows as they come, and a report for each query in the library's order. */
export type Collection = AsyncGenerator<QueryRows, QueryReport[], void>;

/**
 * Runs queries of the library over a whole tenant: one query names up to 1,000 subscriptions of the context, or none of
 * them when the context has none, which is every subscription that the credential may read. A query that fails is
 * reported by name and takes no other with it; only an aborted read throws.
 */
export class ResourceGraphCollector {
  constructor(private readonly api: AzureApi) {}

  /** Everything there is. */
  collect(context: ReadContext): Collection {
    return this.run([allResources], context, 1);
  }

  /** What costs money, or stands in the way, without being used. */
  collectWasteCandidates(context: ReadContext): Collection {
    return this.run(queriesOf('waste'), context, WASTE_QUERIES_AT_ONCE);
  }

  /** What has a size that might be smaller. */
  collectRightsizingCandidates(context: ReadContext): Collection {
    return this.run(queriesOf('rightsizing'), context, RIGHTSIZING_QUERIES_AT_ONCE);
  }

  /** Any queries, at most `atOnce` of them in parallel. */
  run(
    queries: readonly ResourceGraphQuery[],
    context: ReadContext,
    atOnce: number = RIGHTSIZING_QUERIES_AT_ONCE,
  ): Collection {
    return mergeStreams(
      queries.map((query) => () => this.read(query, context)),
      atOnce,
    );
  }

  private async *read(query: ResourceGraphQuery, context: ReadContext): AsyncGenerator<QueryRows, QueryReport, void> {
    const startedAt = context.clock.now().getTime();
    const proof = new QueryProof();
    let handedOut = 0;
    let failure: Error | null = null;
    try {
      const client = this.api.forTenant(context.tenant);
      const batches = subscriptionBatches(context.subscriptions);
      for (const [index, subscriptions] of (batches.length > 0 ? batches : [[]]).entries()) {
        proof.beginBatch();
        for await (const page of queryPages(client, query.kql, subscriptions, `${query.name}-${index + 1}`, context)) {
          proof.addPage(page);
          const rows = page.rows.filter((row): row is Record<string, unknown> => isObject(row) && isNewRow(row, proof));
          if (page.rows.some((row) => idOf(row) === null)) proof.distrust('A row has no resource id.');
          handedOut += rows.length;
          if (rows.length > 0) yield { query, rows };
        }
        proof.endBatch();
      }
    } catch (error) {
      if (context.signal.aborted) throw error;
      failure = error instanceof Error ? error : new Error(String(error));
      proof.distrust(`The query failed: ${failure.message}`);
      context.logger.warn({ query: query.name, err: failure }, 'a query failed; the others go on');
    }
    const { pages, received, expected, duplicates, truncated, incompleteReason } = proof;
    return {
      query,
      pages,
      rows: handedOut,
      received,
      expected,
      duplicates,
      truncated,
      complete: incompleteReason === null,
      incompleteReason,
      durationMs: context.clock.now().getTime() - startedAt,
      error: failure,
    };
  }
}

function idOf(row: unknown): string | null {
  return isObject(row) ? textOrNull(row['id']) : null;
}

function isNewRow(row: Record<string, unknown>, proof: QueryProof): boolean {
  const id = idOf(row);
  return id !== null && proof.isNew(id);
}
