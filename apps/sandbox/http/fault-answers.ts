import { tooManyRequests } from '../cost-management/query-throttle.js';
import { lakeError } from '../data-lake/lake-path.js';
import { entraError } from '../entra/entra-error.js';
import { tooManyGraphQueries } from '../resource-graph/graph-throttle.js';
import { tooManyArmRequests } from '../resource-manager/arm-throttle.js';
import { priceError } from '../retail-prices/prices-endpoint.js';
import { authenticationChallenge, claimsChallenge } from './challenges.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, azureError } from './exchange.js';
import type { FaultEffect } from './fault.js';
import type { ServiceName } from './router.js';

/** A request that a fault refuses, and by which service. */
export interface Refused {
  readonly service: ServiceName;
  readonly request: SandboxRequest;
  readonly now: Date;
}

const EXPIRED = 'The access token expiry UTC time is earlier than current UTC time.';

/** What a fault answers instead of the service; undefined when the service itself answers. */
export function faultAnswer(fault: FaultEffect, refused: Refused): SandboxResponse | undefined {
  const answer = refusal(fault, refused);
  if (answer === undefined) return undefined;
  return { ...answer, headers: { ...answer.headers, ...fault.headers } };
}

function refusal(fault: FaultEffect, refused: Refused): SandboxResponse | undefined {
  if (fault.status !== undefined) {
    const { body = '' } = fault;
    return {
      status: fault.status,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
  }
  if (fault.throttle) return responseOf(throttled(refused, fault.retryAfterSeconds));
  if (fault.expiredToken) return responseOf(expired(refused));
  if (fault.claimsChallenge) return responseOf(claimsChallenge(refused.request, refused.now));
  return undefined;
}

/** Each service's own way to say that it is asked too often. */
function throttled({ service, request, now }: Refused, seconds?: number): Error {
  switch (service) {
    case 'entra': {
      const error = entraError(
        request,
        now,
        429,
        'temporarily_unavailable',
        90055,
        'There are too many incoming requests.',
      );
      return withHeaders(error, { 'retry-after': String(seconds ?? 10) });
    }
    case 'cost-management': {
      const longest = (seconds ?? 30) * 1000;
      // Several waits, none of them in the standard header: only the longest one is long enough.
      return tooManyRequests({}, [
        ['entity', Math.ceil(longest / 3)],
        ['qpu', longest],
        ['clienttype', Math.ceil(longest / 2)],
      ]);
    }
    case 'resource-graph':
      return tooManyGraphQueries(request.requestId, now, seconds);
    case 'data-lake':
      return withHeaders(lakeError(503, 'ServerBusy', 'Operations per second is over the account limit.'), {
        ...(seconds !== undefined && { 'retry-after': String(seconds) }),
      });
    case 'monitor':
      return isMetricsBatch(request.path) ? throttledBatch(now, seconds) : throttledByArm(request, seconds);
    case 'retail-prices':
      return priceError(429, 'Too many requests. Please retry.', {
        ...(seconds !== undefined && { 'retry-after': String(seconds) }),
      });
    case 'advisor':
    case 'resource-manager':
      return throttledByArm(request, seconds);
  }
}

function throttledBatch(now: Date, seconds = 30): Error {
  return azureError(529, 'TooManyRequests', 'The request was throttled.', {
    headers: {
      'x-rate-limit-limit': '30s',
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': new Date(now.getTime() + seconds * 1000).toISOString(),
    },
  });
}

function throttledByArm(request: SandboxRequest, seconds = 10): Error {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(request.path)?.[1];
  const level = subscription === undefined ? 'tenant' : 'subscription';
  const { tenantId = '', objectId = '' } = request.notes;
  const operation = request.method === 'GET' ? 'read' : 'write';
  return tooManyArmRequests(operation, level, subscription ?? tenantId, objectId, seconds);
}

function expired({ service, request, now }: Refused): Error {
  if (service === 'entra') {
    return entraError(
      request,
      now,
      401,
      'invalid_client',
      700024,
      'Client assertion is not within its valid time range.',
    );
  }
  if (service === 'data-lake') {
    return withHeaders(lakeError(401, 'InvalidAuthenticationInfo', EXPIRED), {
      'www-authenticate': `Bearer authorization_uri=${request.origin}/organizations/oauth2/authorize resource_id=https://storage.azure.com`,
    });
  }
  return authenticationChallenge(request, 'ExpiredAuthenticationToken', EXPIRED);
}

/** Metrics of many resources come from a host of Monitor's own, not through Resource Manager. */
export function isMetricsBatch(path: string): boolean {
  return /\/metrics:getBatch$/i.test(path);
}

function withHeaders(error: ServiceError, headers: Readonly<Record<string, string>>): ServiceError {
  return new ServiceError({ ...error.response, headers: { ...error.response.headers, ...headers } }, error.message);
}

function responseOf(error: Error): SandboxResponse {
  return (error as ServiceError).response;
}
