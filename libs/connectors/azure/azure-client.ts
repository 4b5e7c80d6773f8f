import { traced } from '#core/tracing.js';
import { randomUUID } from 'node:crypto';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '#core/clock.js';
import type { TargetTenant } from '#core/connector.js';
import { SourceRejectedError, ThrottledError, TransientSourceError, type SourceError } from '#core/errors.js';
import { safeUrl, type Logger } from '#core/logger.js';
import type { AnswerKeeper, AzureAnswer, AzureEndpoint, AzureReadRequest, AzureRequest } from './azure-request.js';
import { refusalError, type AccessNeed } from './error-mapping.js';
import { NetworkFailure, sendOnce, type WireAnswer, type WireRequest } from './http-attempt.js';
import { requireWholeJson } from './json-body.js';
import { hashOf, headersToKeep } from './kept-answer.js';
import { PagingGuard, requireSameOrigin } from './paging.js';
import { timeAfter, type QuotaGate } from './quota-gate.js';
import { titleOf } from './quotas.js';
import { decideRetry } from './retry.js';
import { isThrottled, statedWait, type AnswerHeaders } from './throttling.js';
import type { TokenCache } from './token-cache.js';

/** What one exchange on the wire looked like, for metrics. `status` is 0 when no complete answer arrived. */
export interface RequestObservation {
  connector: string;
  status: number;
  durationMs: number;
  attempt: number;
  /** The quota that refused the request (429 and 529 only). */
  throttledBucket?: string;
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
  httpClient: HttpClient;
}

/** Certificate problems do not pass by waiting; Node reports them under these codes. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

const NO_HEADERS: AnswerHeaders = new Map();

/** Calls Azure Resource Manager for one tenant: token, retry, throttling, logging and errors in one place. */
export class AzureClient {
  constructor(
    private readonly tenant: Pick<TargetTenant, 'id' | 'azureTenantId'>,
    private readonly tokens: TokenCache,
    private readonly quotas: QuotaGate,
    private readonly options: AzureClientOptions,
  ) {}

  /** A fresh guard for one paged read, from Resource Manager unless another endpoint is named. */
  paging(endpoint?: AzureEndpoint): PagingGuard {
    return new PagingGuard(endpoint?.url ?? this.options.endpoint);
  }

  /**
   * One request of a window's read: its answer is kept raw under `label` before it is parsed. An answer that an
   * interrupted attempt at the window got to the same request is taken from there instead of being asked for again.
   */
  async read(request: AzureReadRequest, label: string, context: AnswerKeeper): Promise<AzureAnswer> {
    const { logger, signal } = context;
    const requestHash = hashOf(request);
    const known = await context.recall(requestHash);
    if (known) {
      return { ...known, headers: new Map(Object.entries(known.headers)), json: request.parse(known.body) };
    }
    const answer = await this.send({ ...request, parse: requireWholeJson, logger, signal });
    const { body, status, headers } = answer;
    await context.keep({ body, label, requestHash, status, headers: headersToKeep(headers) });
    return { ...answer, json: request.parse(body) };
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
      await this.quotas.admit(request);
      const outcome = await this.#attempt(request, wire, attempt);
      if ('json' in outcome) {
        await this.quotas.note(request, outcome.headers);
        return outcome;
      }
      const answer = 'status' in outcome ? outcome : null;
      const decision = decideRetry(
        { attempt, status: answer?.status ?? null, headers: answer?.headers ?? NO_HEADERS, now: clock.now() },
        { inlineWaitLimitMs, random },
      );
      if (answer && isThrottled(answer.status)) await this.quotas.close(request, answer, decision);
      switch (decision.kind) {
        case 'wait':
          await clock.sleep(decision.waitMs, request.signal);
          break;
        case 'throttled':
          throw new ThrottledError(
            `Waiting for ${titleOf(request.quota.service)} quota until ${timeAfter(clock, decision.retryAfterMs)}: ` +
              `Azure throttles ${where}.`,
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

  #refused({ status, body }: WireAnswer, need: AccessNeed | null, where: string): SourceError {
    // The cached token may have been revoked before its time; the next request must not present it again.
    if (status === 401 && need) this.tokens.forget();
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
      // Neither path nor query: they name tenants and hold continuation tokens.
      const about = {
        'http.request.method': wire.method,
        'server.address': new URL(wire.url).host,
        'azcops.connector': request.connector,
        // Set for repetitions alone.
        'http.request.resend_count': attempt > 1 ? attempt - 1 : undefined,
      };
      const answer = await traced(`azure ${request.connector}`, 'client', about, async (note) => {
        const received = await sendOnce(wire, {
          httpClient,
          credential: this.tokens,
          scope,
          timeoutMs: requestTimeoutMs,
          maxResponseBytes,
          signal: request.signal,
          now: () => clock.now(),
          report: (exchange, startedAt) => this.#report(request, wire, attempt, exchange, startedAt),
        });
        note({ 'http.response.status_code': received.status });
        return received;
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
