import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { Fault } from './sandbox.js';
import { isGraphQuery } from './small-pages.js';

/** Answers slower than this count as lost; the slow ones below are. */
export const IMPATIENCE_MS = 500;
const SLOW_MS = 650;

/** A way of reading that a fault may meet. */
export interface FaultRow {
  name: string;
  connector: string;
  service: NonNullable<Fault['service']>;
  /** How it names its next page. */
  pages: 'links' | 'tokens' | 'none';
  /** What is forbidden, so that the connector reads in its other way. */
  forbidden?: (request: PipelineRequest) => boolean;
  /** Nobody signs in, so no token can have expired. */
  isOpen?: true;
}

/** Every connector, and the other way to read of those that have two. */
export const FAULT_ROWS: readonly FaultRow[] = [
  { name: 'monitor, in batches', connector: 'monitor', service: 'monitor', pages: 'none' },
  {
    name: 'monitor, one by one',
    connector: 'monitor',
    service: 'monitor',
    pages: 'none',
    forbidden: ({ url }) => url.includes('metrics:getBatch'),
  },
  { name: 'subscriptions', connector: 'subscriptions', service: 'resource-manager', pages: 'links' },
  { name: 'resource-graph', connector: 'resource-graph', service: 'resource-graph', pages: 'tokens' },
  { name: 'advisor, by query', connector: 'advisor', service: 'resource-graph', pages: 'tokens' },
  {
    name: 'advisor, by list',
    connector: 'advisor',
    service: 'advisor',
    pages: 'links',
    forbidden: ({ url }) => isGraphQuery(new URL(url)),
  },
  { name: 'cost-management', connector: 'cost-management', service: 'cost-management', pages: 'links' },
  { name: 'compute-skus', connector: 'compute-skus', service: 'resource-manager', pages: 'none' },
  { name: 'retail-prices', connector: 'retail-prices', service: 'retail-prices', pages: 'links', isOpen: true },
];

/** What goes wrong. */
export interface FaultColumn {
  name: string;
  fault: Fault;
  /** Only a source that names its next page so can be led astray like this. */
  needs?: 'pages' | 'links' | 'token';
  /** Trying again is refused, because it might give something away: the window, or a part of it, ends with a reason. */
  lasting?: true;
}

/** Every kind of fault that the sandbox knows, often enough to matter and no longer. */
export const FAULT_COLUMNS: readonly FaultColumn[] = [
  { name: 'throttled', fault: { throttle: true, retryAfterSeconds: 30, times: 6 } },
  { name: '500', fault: { status: 500, times: 2 } },
  { name: '503+wait', fault: { status: 503, headers: { 'retry-after': '2' }, times: 2 } },
  { name: 'reset', fault: { hangUp: true, times: 2 } },
  { name: 'truncated', fault: { truncate: true, times: 2 } },
  { name: 'malformed', fault: { malformed: true, times: 2 } },
  { name: 'slow', fault: { delayMs: SLOW_MS } },
  { name: 'expired', fault: { expiredToken: true }, needs: 'token' },
  { name: 'foreign link', fault: { nextLink: 'foreign-host' }, needs: 'links', lasting: true },
  { name: 'loop', fault: { nextLink: 'loop' }, needs: 'pages' },
  { name: 'later loop', fault: { nextLink: 'loop', after: 1 }, needs: 'pages' },
  { name: 'garbage link', fault: { nextLink: 'garbage' }, needs: 'pages' },
  { name: 'page twice', fault: { page: 'duplicate' }, needs: 'pages' },
  { name: 'page lost', fault: { page: 'lost' }, needs: 'pages' },
];

/** Whether a source can meet a fault at all. */
export const applies = (row: FaultRow, { needs }: FaultColumn): boolean => {
  if (needs === 'token') return !row.isOpen;
  return needs === undefined || row.pages === 'links' || (needs === 'pages' && row.pages === 'tokens');
};
