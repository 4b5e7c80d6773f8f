/**
 * Yields the items of all streams as they come, with at most `limit` streams open at a time, and returns their results
 * in the order given. A stream goes on once its item was taken, so nothing piles up. The first stream that throws ends
 * all: the others are closed before the error is passed on, and so they are when the reader stops early.
 */
export async function* mergeStreams<T, R>(
  starts: readonly (() => AsyncGenerator<T, R, void>)[],
  limit: number,
): AsyncGenerator<T, R[], void> {
  if (!(limit >= 1)) throw new RangeError(`The limit must be at least 1, but is ${limit}.`);
  const results: R[] = [];
  const open = new Map<number, AsyncGenerator<T, R, void>>();
  // Which comes first decides whose turn it is; a stream that was served goes to the end of this map.
  const steps = new Map<number, Promise<{ index: number; step: IteratorResult<T, R> }>>();
  let next = 0;
  const advance = (index: number, stream: AsyncGenerator<T, R, void>): void => {
    steps.set(
      index,
      stream.next().then((step) => ({ index, step })),
    );
  };
  const fill = (): void => {
    for (; open.size < limit && next < starts.length; next++) {
      const stream = starts[next]!();
      open.set(next, stream);
      advance(next, stream);
    }
  };
  try {
    fill();
    while (steps.size > 0) {
      const { index, step } = await Promise.race(steps.values());
      steps.delete(index);
      if (step.done) {
        results[index] = step.value;
        open.delete(index);
        fill();
      } else {
        yield step.value;
        advance(index, open.get(index)!);
      }
    }
    return results;
  } finally {
    // Settled, not awaited in a row: a second failure must not become an unhandled one.
    await Promise.allSettled([...steps.values(), ...[...open.values()].map((stream) => stream.return(undefined as R))]);
  }
}
