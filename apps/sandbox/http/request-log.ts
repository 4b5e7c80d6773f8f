import type { ServiceName } from './router.js';

/** One answered request. `status` is 0 when the sandbox hung up. */
export interface LoggedRequest {
  readonly time: string;
  readonly durationMs: number;
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly requestId: string;
  readonly clientRequestId?: string;
  readonly clientType?: string;
  readonly tenantId?: string;
  readonly objectId?: string;
  readonly subscriptionId?: string;
  readonly queryType?: string;
  readonly from?: string;
  readonly to?: string;
  /** Id of the fault that was applied. */
  readonly fault?: string;
}

/** How often a service was asked with a tenant's tokens, ever since it was last reset. */
export interface RequestCount {
  readonly service: ServiceName;
  /** Missing for requests without a readable token. */
  readonly tenantId?: string;
  requests: number;
  /** Answers that said too many requests, in whichever status the service says so. */
  throttled: number;
}

const CAPACITY = 10_000;
const THROTTLED = [429, 529];

/** The last 10,000 requests, and counts of all of them. */
export class RequestLog {
  private entries: LoggedRequest[] = [];
  private readonly counted = new Map<string, RequestCount>();

  add(entry: LoggedRequest): void {
    const { service, tenantId, status } = entry;
    const key = `${service}/${tenantId ?? ''}`;
    const count = this.counted.get(key) ?? { service, tenantId, requests: 0, throttled: 0 };
    count.requests++;
    if (THROTTLED.includes(status)) count.throttled++;
    this.counted.set(key, count);
    this.entries.push(entry);
    // Cut in batches, so that a full log does not move its entries on every request.
    if (this.entries.length >= CAPACITY * 2) this.entries = this.entries.slice(-CAPACITY);
  }

  /** The entries, oldest first. */
  list(): readonly LoggedRequest[] {
    return this.entries.slice(-CAPACITY);
  }

  /** Per service and tenant; the log's capacity does not limit them. */
  counts(): readonly RequestCount[] {
    return [...this.counted.values()];
  }

  clear(): void {
    this.entries = [];
  }

  resetCounts(): void {
    this.counted.clear();
  }
}
