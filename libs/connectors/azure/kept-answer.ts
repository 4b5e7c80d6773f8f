import { createHash } from 'node:crypto';
import type { AzureReadRequest } from './azure-request.js';
import type { AnswerHeaders } from './throttling.js';

/** Headers that say something about the answer's content. */
const KEPT_HEADERS = ['content-type', 'x-ms-tenant-subscription-limit-hit'];

/** The same request of the same window has the same hash, whatever its correlation id. */
export function hashOf({ method, target, endpoint, query, body }: AzureReadRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, endpoint?.url ?? '', target, query ?? {}, body ?? null]))
    .digest('hex');
}

/** What of an answer's headers is kept beside its body. */
export function headersToKeep(headers: AnswerHeaders): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => KEPT_HEADERS.includes(name)));
}
