import type { ReadContext } from '#core/connector.js';
import type { Logger } from '#core/logger.js';
import type { AccessNeed } from './error-mapping.js';
import type { QuotaService } from './quotas.js';
import type { AnswerHeaders } from './throttling.js';

/** One call as a connector describes it. */
export interface AzureRequest {
  method: 'GET' | 'POST';
  /** A path from the endpoint's root, or an absolute link on the same endpoint. */
  target: string;
  /** Another endpoint than Resource Manager's, e.g. a region's metrics. */
  endpoint?: AzureEndpoint;
  /** The quotas that the call draws on; `scope` tells those apart that are kept per scope. */
  quota: { service: QuotaService; scope: string };
  query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Reads the body; a `TransientSourceError` from it counts as an attempt that failed in passing. */
  parse: (body: Uint8Array) => unknown;
  /** Id of the connector, for logs and metrics. */
  connector: string;
  /** Named in the error when Azure says that it is missing; null where the source is open to all. */
  need: AccessNeed | null;
  signal: AbortSignal;
  /** The run's own logger; the process's one without it. */
  logger?: Logger;
}

/** Where a call goes. */
export interface AzureEndpoint {
  url: string;
  /** Token scope; null where nobody signs in. */
  scope: string | null;
}

/** A call of a window's read: what its answer is kept as comes from the context, and it is parsed once it is kept. */
export type AzureReadRequest = Omit<AzureRequest, 'signal' | 'logger'>;

/** What the client needs of a window's read. */
export type AnswerKeeper = Pick<ReadContext, 'keep' | 'recall' | 'logger' | 'signal'>;

/** A successful answer (2xx), its body exactly as it came (decompressed). */
export interface AzureAnswer {
  status: number;
  headers: AnswerHeaders;
  body: Uint8Array;
  /** What the request's `parse` made of the body. */
  json: unknown;
}
