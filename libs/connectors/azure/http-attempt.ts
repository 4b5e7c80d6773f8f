import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  proxyPolicy,
  type HttpClient,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/core-auth';
import { abortable } from './abortable.js';
import { readBody } from './response-body.js';
import type { AnswerHeaders } from './throttling.js';

/** One complete answer: the body has been read to its end. */
export interface WireAnswer {
  status: number;
  headers: AnswerHeaders;
  body: Uint8Array;
}

export interface WireRequest {
  method: HttpMethods;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
}

/** How one exchange on the wire ended; a request that meets a claims challenge makes two. */
export type WireReport = (answer: WireAnswer | null, startedAt: number) => void;

export interface AttemptOptions {
  httpClient: HttpClient;
  credential: TokenCredential;
  /** Token scope; null sends no token. */
  scope: string | null;
  timeoutMs: number;
  maxResponseBytes: number;
  signal: AbortSignal;
  now: () => Date;
  report: WireReport;
}

/** The exchange did not end with a complete answer: refused, cut, or slower than the limit. */
export class NetworkFailure extends Error {
  constructor(
    /** Node's error code, or `timeout`. */
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(`network failure (${code})`, options);
    this.name = 'NetworkFailure';
  }
}

/**
 * Sends a request once, with a bearer token unless it needs none, and reads the whole answer. Throws `NetworkFailure`,
 * the signal's reason once it aborts, or what the credential throws. The bearer policy answers claims challenges by itself.
 */
export async function sendOnce(request: WireRequest, options: AttemptOptions): Promise<WireAnswer> {
  options.signal.throwIfAborted();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new NetworkFailure('timeout')), options.timeoutMs);
  const signal = AbortSignal.any([options.signal, timeout.signal]);
  const pipelineRequest = createPipelineRequest({
    method: request.method,
    url: request.url,
    // The transport gunzips by itself when it reads "gzip" in lower case, but then hangs when the connection is cut.
    // Content codings are case-insensitive on the wire, so this asks for the same and leaves the unpacking to us.
    headers: createHttpHeaders({ ...request.headers, 'accept-encoding': 'GZIP' }),
    ...(request.body !== null && { body: request.body }),
    abortSignal: signal,
    streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
  });
  try {
    const response = await abortable(attemptPipeline(options).sendRequest(options.httpClient, pipelineRequest), signal);
    return (response as AnsweredResponse).answer;
  } finally {
    clearTimeout(timer);
  }
}

interface AnsweredResponse extends PipelineResponse {
  answer: WireAnswer;
}

/**
 * Built per attempt: the bearer policy renews tokens in the background, and a renewal that fails there would end the
 * process as an unhandled rejection. The token cache behind the credential does the remembering instead.
 */
function attemptPipeline(options: AttemptOptions) {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  const { credential, scope } = options;
  if (scope !== null) {
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }), { phase: 'Sign' });
  }
  pipeline.addPolicy(wireAnswerPolicy(options), { afterPhase: 'Sign' });
  return pipeline;
}

function wireAnswerPolicy({ maxResponseBytes, signal, now, report }: AttemptOptions): PipelinePolicy {
  return {
    name: 'wireAnswerPolicy',
    async sendRequest(request, next): Promise<AnsweredResponse> {
      const startedAt = now().getTime();
      try {
        const response = await next(request);
        const headers = new Map(Object.entries(response.headers.toJSON()));
        const body = await readBody(response.readableStreamBody, headers.get('content-encoding'), maxResponseBytes);
        const answer = { status: response.status, headers, body };
        report(answer, startedAt);
        return { ...response, answer };
      } catch (error) {
        // A request that its caller gave up says nothing about the source.
        if (!signal.aborted) report(null, startedAt);
        throw asNetworkFailure(error);
      }
    },
  };
}

function asNetworkFailure(error: unknown): unknown {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (name === 'ResponseTooLargeError' || name === 'AbortError') return error;
  return new NetworkFailure(typeof code === 'string' ? code : 'connection cut', { cause: error });
}
