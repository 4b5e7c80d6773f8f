import { ThrottledError } from '#core/errors.js';

/**
 * The results of promises that run side by side. The first failure aborts the others through `stop` and is thrown once
 * all have ended: nothing goes on in the background, storing pages of a read that has already failed. A wait for quota
 * aborts nothing: what the others have asked for has been paid for, and is kept for when the read goes on.
 */
export async function together<T extends readonly unknown[]>(
  promises: { [K in keyof T]: Promise<T[K]> },
  stop: AbortController,
): Promise<T> {
  let failure: { error: unknown } | undefined;
  const results = await Promise.all(
    promises.map((promise: Promise<unknown>) =>
      promise.catch((error: unknown) => {
        failure ??= { error };
        if (!(error instanceof ThrottledError)) stop.abort(error);
      }),
    ),
  );
  if (failure) throw failure.error;
  return results as unknown as T;
}
