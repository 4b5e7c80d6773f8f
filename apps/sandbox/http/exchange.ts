import type { IncomingHttpHeaders } from 'node:http';

/** One request after its body was read. `path` has no query and single slashes only; query names are lower-case. */
export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Scheme, host and port the caller used, so that links in answers lead back to the same origin. */
  readonly origin: string;
  /** Correlation id of this exchange. */
  readonly requestId: string;
  /** Facts about the exchange that handlers add for the request log. */
  readonly notes: RequestNotes;
}

/** What a handler knows about a request beyond its line and headers. */
export interface RequestNotes {
  tenantId?: string;
  objectId?: string;
  subscriptionId?: string;
  queryType?: string;
  from?: string;
  to?: string;
}

/** An answer before it is written. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A refusal that is written as the service's own error body. */
export class ServiceError extends Error {
  constructor(
    readonly response: SandboxResponse,
    message: string,
  ) {
    super(message);
  }
}

/** A JSON answer. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** An error in Azure Resource Manager's envelope: `{"error":{"code","message",...}}`. */
export function azureError(
  status: number,
  code: string,
  message: string,
  extra: { details?: unknown[]; headers?: Record<string, string> } = {},
): ServiceError {
  const error = extra.details ? { code, message, details: extra.details } : { code, message };
  return new ServiceError(json(status, { error }, extra.headers), `${code}: ${message}`);
}

/** The request's JSON body; a 400 in Azure's envelope when it is not a JSON object. */
export function jsonBody(request: SandboxRequest): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch (error) {
    throw azureError(
      400,
      'InvalidRequestContent',
      `The request content was invalid and could not be deserialized: '${(error as Error).message}'.`,
    );
  }
  if (!isRecord(value)) {
    throw azureError(400, 'InvalidRequestContent', 'The request content was invalid: a JSON object is expected.');
  }
  return value;
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
