import { createHash, randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '#core/clock.js';
import type { RawAnswer, ReadContext, TargetTenant } from '#core/connector.js';
import { SourceRejectedError, ThrottledError, TransientSourceError, type SourceError } from '#core/errors.js';
import { safeUrl, type Logger } from '#core/logger.js';
import type { QuotaBudget } from '#core/quota.js';
import { refusalError, type AccessNeed } from './error-mapping.js';
import { NetworkFailure, sendOnce, type WireAnswer, type WireRequest } from './http-attempt.js';
import { PagingGuard, requireSameOrigin } from './paging.js';
import {
  describeKey,
  drawsOf,
  exhaustedBy,
  keyOfBucket,
  readingsOf,
  type QuotaPolicy,
  type QuotaService,
} from './quotas.js';
import { decideRetry, type RetryDecision } from './retry.js';
import { isThrottled, statedWait, type AnswerHeaders } from './throttling.js';
import type { TokenCache } from './token-cache.js';

/** One call as a connector describes it. */
export interface AzureRequest {
  method: 'GET' | 'POST';
  /** A path from the endpoint's root, or an absolute link on the same endpoint. */
  target: string;
  /** Another endpoint than Resource Manager's, e.g. a region's metrics; bearer tokens for it have `audiences`. */
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
  /** Named in the error when Azure says that it is missing. */
  need: AccessNeed;
  signal: AbortSignal;
  /** The run's own logger; the process's one without it. */
  logger?: Logger;
}

/** Where a call goes. */
export interface AzureEndpoint {
  url: string;
  /** Token scope. */
  scope: string;
}

/** A call of a window's read: what its answer is kept as comes from the context. */
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

/** What one exchange on the wire looked like, for metrics. `status` is 0 when no complete answer arrived. */
export interface RequestObservation {
  connector: string;
  status: number;
  durationMs: number;
  attempt: number;
  /** The quota that refused the request (429 and 529 only). */
  throttledBucket?: string;
}

/** A call that had to wait for room in a quota, inline or until its window comes back. */
export interface QuotaWait {
  connector: string;
  bucket: string;
  waitMs: number;
}

export interface AzureClientOptions {
  endpoint: string;
  scope: string;
  clientType: string;
  userAgent: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  inlineWaitLimitMs: number;
  requestTimeoutMs: number;
  maxResponseBytes: number;
  onRequest: (observation: RequestObservation) => void;
  onQuotaWait: (wait: QuotaWait) => void;
  httpClient: HttpClient;
  budget: QuotaBudget;
  quotas: QuotaPolicy;
}

/** Certificate problems do not pass by waiting; Node reports them under these codes. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

const NO_HEADERS: AnswerHeaders = new Map();

/** Calls Azure Resource Manager for one tenant: token, retry, throttling, logging and errors in one place. */
export class AzureClient {
  constructor(
    private readonly tenant: Pick<TargetTenant, 'id' | 'azureTenantId'>,
    private readonly tokens: TokenCache,
    private readonly options: AzureClientOptions,
  ) {}

  /** A fresh guard for one paged read from this endpoint. */
  paging(): PagingGuard {
    return new PagingGuard(this.options.endpoint);
  }

  /**
   * One request of a window's read: its answer is kept raw under `label` before it is returned. An answer that an
   * interrupted attempt at the window got to the same request is taken from there instead of being asked for again.
   */
  async read(request: AzureReadRequest, label: string, context: AnswerKeeper): Promise<AzureAnswer> {
    const { logger, signal } = context;
    const requestHash = hashOf(request);
    const known = await context.recall(requestHash);
    if (known) return { ...toAnswer(known), json: request.parse(known.body) };
    const answer = await this.send({ ...request, logger, signal });
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => [[name, answer.headers.get(name)]]).filter(isGiven),
    );
    await context.keep({ body: answer.body, label, requestHash, status: answer.status, headers });
    return answer;
  }

  /**
   * Sends the request once there is room in its quotas, up to five times where that can help, and returns the 2xx
   * answer. Throws an error of `errors.ts` otherwise, or the signal's reason once it aborts.
   */
  async send(request: AzureRequest): Promise<AzureAnswer> {
    const { clock, random, inlineWaitLimitMs } = this.options;
    const wire = this.#wireRequest(request);
    const where = `${request.method} ${safeUrl(wire.url)}`;
    for (let attempt = 1; ; attempt++) {
      await this.#admit(request);
      const outcome = await this.#attempt(request, wire, attempt);
      if ('json' in outcome) {
        await this.#noteQuotas(request, outcome.headers);
        return outcome;
      }
      const answer = 'status' in outcome ? outcome : null;
      const decision = decideRetry(
        { attempt, status: answer?.status ?? null, headers: answer?.headers ?? NO_HEADERS, now: clock.now() },
        { inlineWaitLimitMs, random },
      );
      if (answer && isThrottled(answer.status)) await this.#closeQuota(request, answer, decision);
      switch (decision.kind) {
        case 'wait':
          await clock.sleep(decision.waitMs, request.signal);
          break;
        case 'throttled':
          throw new ThrottledError(
            `Azure throttles ${where}: waiting until ${this.#timeAfter(decision.retryAfterMs)}.`,
            decision.retryAfterMs,
          );
        case 'exhausted':
          throw answer
            ? new TransientSourceError(`${where} failed ${attempt} times, last with status ${answer.status}.`)
            : (outcome as TransientSourceError);
        case 'refused':
          throw this.#refused(answer as WireAnswer, request.need, where);
      }
    }
  }

  /** Waits for room in the quotas, up to the inline limit; throws `ThrottledError` when it takes longer. */
  async #admit({ quota, connector, signal }: AzureRequest): Promise<void> {
    const { budget, quotas, inlineWaitLimitMs, clock, onQuotaWait } = this.options;
    signal.throwIfAborted();
    const draws = drawsOf(quota.service, quota.scope, quotas);
    const { waitMs, key } = await budget.book(this.tenant.id, draws, inlineWaitLimitMs);
    if (waitMs <= 0) return;
    const { title, bucket } = describeKey(key ?? '');
    onQuotaWait({ connector, bucket, waitMs });
    if (waitMs > inlineWaitLimitMs) {
      throw new ThrottledError(`Waiting for ${title} quota (${bucket}) until ${this.#timeAfter(waitMs)}.`, waitMs);
    }
    await clock.sleep(waitMs, signal);
  }

  async #noteQuotas({ quota: { service, scope } }: AzureRequest, headers: AnswerHeaders): Promise<void> {
    const { budget, quotas } = this.options;
    if (quotas.limits === 'documented') await budget.correct(this.tenant.id, readingsOf(service, scope, headers));
    const exhausted = quotas.limits === 'off' ? exhaustedBy(service, scope, headers) : null;
    if (exhausted) await budget.close(this.tenant.id, exhausted.key, exhausted.ms);
  }

  /** The other workers need not find out for themselves. */
  async #closeQuota({ quota }: AzureRequest, answer: WireAnswer, decision: RetryDecision): Promise<void> {
    const ms = decision.kind === 'wait' ? decision.waitMs : decision.kind === 'throttled' ? decision.retryAfterMs : 0;
    if (ms <= 0) return;
    const bucket = statedWait(answer.status, answer.headers, this.options.clock.now())?.bucket ?? null;
    await this.options.budget.close(this.tenant.id, keyOfBucket(quota.service, quota.scope, bucket), ms);
  }

  #timeAfter(ms: number): string {
    return `${new Date(this.options.clock.now().getTime() + ms).toISOString().slice(11, 19)} UTC`;
  }

  #refused({ status, body }: WireAnswer, need: AccessNeed, where: string): SourceError {
    // The cached token may have been revoked before its time; the next request must not present it again.
    if (status === 401) this.tokens.forget();
    return refusalError(status, body, need, where);
  }

  /** One attempt; passing trouble is returned, not thrown, so that the caller decides on going on. */
  async #attempt(
    request: AzureRequest,
    wire: WireRequest,
    attempt: number,
  ): Promise<AzureAnswer | WireAnswer | TransientSourceError> {
    const { httpClient, clock, requestTimeoutMs, maxResponseBytes } = this.options;
    const { scope } = request.endpoint ?? this.options;
    try {
      const answer = await sendOnce(wire, {
        httpClient,
        credential: this.tokens,
        scope,
        timeoutMs: requestTimeoutMs,
        maxResponseBytes,
        signal: request.signal,
        now: () => clock.now(),
        report: (exchange, startedAt) => this.#report(request, wire, attempt, exchange, startedAt),
      });
      return answer.status >= 200 && answer.status < 300 ? { ...answer, json: request.parse(answer.body) } : answer;
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (error instanceof TransientSourceError) return error;
      if (!(error instanceof NetworkFailure)) throw error;
      const where = new URL(wire.url).host;
      if (CERTIFICATE_CODE.test(error.code)) {
        throw new SourceRejectedError(
          `The certificate of ${where} is not trusted (${error.code}).`,
          'If the endpoint is meant, add the certificate of its authority to NODE_EXTRA_CA_CERTS.',
          { cause: error },
        );
      }
      return new TransientSourceError(`${where} is out of reach or broke off (${error.code}).`, { cause: error });
    }
  }

  #wireRequest(request: AzureRequest): WireRequest {
    const { method, target, query = {}, body, headers = {} } = request;
    const { clientType, userAgent } = this.options;
    const endpoint = request.endpoint?.url ?? this.options.endpoint;
    const url = target.startsWith('/')
      ? new URL(endpoint.replace(/\/+$/, '') + target)
      : requireSameOrigin(target, endpoint);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return {
      method,
      // A link is followed letter for letter; only what we build ourselves is normalised.
      url: target.startsWith('/') || Object.keys(query).length > 0 ? url.href : target,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        // Without it, Cost Management counts us into a bucket that all unnamed tools of the tenant share.
        clienttype: clientType,
        'x-ms-client-request-id': randomUUID(),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    };
  }

  #report(
    { connector, logger = this.options.logger }: AzureRequest,
    { method, url, headers }: WireRequest,
    attempt: number,
    answer: WireAnswer | null,
    startedAt: number,
  ): void {
    const now = this.options.clock.now();
    const durationMs = now.getTime() - startedAt;
    const status = answer?.status ?? 0;
    const throttledBucket =
      answer && isThrottled(status) ? (statedWait(status, answer.headers, now)?.bucket ?? 'unstated') : undefined;
    this.options.onRequest({ connector, status, durationMs, attempt, ...(throttledBucket && { throttledBucket }) });
    const line = {
      operation_name: 'azure.request',
      connector,
      tenant_id: this.tenant.id,
      azure_tenant_id: this.tenant.azureTenantId,
      method,
      url: safeUrl(url),
      status,
      attempt,
      duration_ms: durationMs,
      bytes: answer?.body.length ?? 0,
      client_request_id: headers['x-ms-client-request-id'],
      request_id: answer?.headers.get('x-ms-request-id'),
      ...(throttledBucket && { throttled_bucket: throttledBucket }),
    };
    if (status >= 200 && status < 300) logger.info(line, 'azure request');
    else logger.warn(line, 'azure request');
  }
}

/** Headers that say something about the answer's content. */
const KEPT_HEADERS = ['content-type', 'x-ms-tenant-subscription-limit-hit'];

/** The same request of the same window has the same hash, whatever its correlation id. */
function hashOf({ method, target, endpoint, query, body }: AzureReadRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, endpoint?.url ?? '', target, query ?? {}, body ?? null]))
    .digest('hex');
}

function toAnswer({ body, status, headers }: RawAnswer): Omit<AzureAnswer, 'json'> {
  return { status, headers: new Map(Object.entries(headers)), body };
}

function isGiven(entry: (string | undefined)[]): entry is [string, string] {
  return entry[1] !== undefined;
}
