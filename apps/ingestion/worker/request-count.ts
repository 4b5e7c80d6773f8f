import { AsyncLocalStorage } from 'node:async_hooks';

/** Exchanges with the source during one attempt at a window. */
export interface RequestCount {
  requests: number;
  retries: number;
}

const current = new AsyncLocalStorage<RequestCount>();

/** Runs `work` and counts the requests that it causes. */
export function countingRequests<T>(count: RequestCount, work: () => Promise<T>): Promise<T> {
  return current.run(count, work);
}

/** Told of every exchange on the wire; requests outside of any window are not counted. */
export function countRequest({ attempt }: { attempt: number }): void {
  const count = current.getStore();
  if (!count) return;
  count.requests += 1;
  if (attempt > 1) count.retries += 1;
}
