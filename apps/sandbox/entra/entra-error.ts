import { guidOf } from '../estate/seeded-random.js';
import { type SandboxRequest, ServiceError, json } from '../http/exchange.js';

/** A refusal in the form of Entra's token endpoint, which is not Azure Resource Manager's envelope. */
export function entraError(
  request: SandboxRequest,
  now: Date,
  status: number,
  error: string,
  code: number,
  message: string,
): ServiceError {
  const timestamp = now.toISOString().replace('T', ' ').slice(0, 19) + 'Z';
  const traceId = guidOf('trace', request.requestId);
  const correlationId = request.query.get('client-request-id') ?? request.requestId;
  const text = `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  const body = {
    error,
    error_description: text,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `${request.origin}/error?code=${code}`,
  };
  return new ServiceError(json(status, body, { 'cache-control': 'no-store, no-cache' }), text);
}
