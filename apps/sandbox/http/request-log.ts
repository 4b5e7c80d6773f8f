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
  readonly subscriptionId?: string;
  readonly queryType?: string;
  readonly from?: string;
  readonly to?: string;
  /** Id of the fault that was applied. */
  readonly fault?: string;
}

const CAPACITY = 10_000;

/** The last 10,000 requests. */
export class RequestLog {
  private entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    // Cut in batches, so that a full log does not move its entries on every request.
    if (this.entries.length >= CAPACITY * 2) this.entries = this.entries.slice(-CAPACITY);
  }

  /** The entries, oldest first. */
  list(): readonly LoggedRequest[] {
    return this.entries.slice(-CAPACITY);
  }

  clear(): void {
    this.entries = [];
  }
}
