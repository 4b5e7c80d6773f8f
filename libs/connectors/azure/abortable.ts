/**
 * The outcome of `promise`, or a rejection with the signal's reason as soon as it aborts. The work behind the promise
 * goes on; use it where others may wait for the same work, or where the work is slow to notice the signal.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    // The loser of the race may still fail; nobody waits for it any more.
    promise.catch(() => {});
  }
}
