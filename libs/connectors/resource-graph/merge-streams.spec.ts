import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mergeStreams } from './merge-streams.js';

/** Streams that note how many of them are open, and in which order they are closed. */
class Streams {
  open = 0;
  most = 0;
  readonly closed: string[] = [];

  of(name: string, count: number, failAt = -1): () => AsyncGenerator<string, string, void> {
    return () => this.stream(name, count, failAt);
  }

  private async *stream(name: string, count: number, failAt: number): AsyncGenerator<string, string, void> {
    this.most = Math.max(this.most, ++this.open);
    try {
      for (let item = 0; item < count; item++) {
        await setImmediate();
        if (item === failAt) throw new Error(`${name} failed`);
        yield `${name}${item}`;
      }
      return `${name} ended`;
    } finally {
      this.open -= 1;
      this.closed.push(name);
    }
  }
}

async function drain<T, R>(merged: AsyncGenerator<T, R[], void>): Promise<{ items: T[]; results: R[] }> {
  const items: T[] = [];
  for (;;) {
    const step = await merged.next();
    if (step.done) return { items, results: step.value };
    items.push(step.value);
  }
}

describe('mergeStreams', () => {
  it.each([1, 2, 3, 9])('opens at most %i streams at once, and at least as many where there are', async (limit) => {
    const streams = new Streams();
    const starts = ['a', 'b', 'c', 'd', 'e'].map((name) => streams.of(name, 3));
    const { items, results } = await drain(mergeStreams(starts, limit));
    expect(streams.most).toBe(Math.min(limit, 5));
    expect(items.toSorted()).toEqual('abcde'.split('').flatMap((name) => [0, 1, 2].map((item) => `${name}${item}`)));
    expect(results).toEqual('abcde'.split('').map((name) => `${name} ended`));
    expect(streams.open).toBe(0);
  });

  it('keeps the order within a stream, and serves streams in turn', async () => {
    const streams = new Streams();
    const { items } = await drain(mergeStreams([streams.of('a', 4), streams.of('b', 4)], 2));
    for (const name of ['a', 'b']) {
      expect(items.filter((item) => item.startsWith(name))).toEqual([0, 1, 2, 3].map((item) => `${name}${item}`));
    }
    expect(items.indexOf('b0')).toBeLessThan(items.indexOf('a3'));
  });

  it('ends with nothing for no streams, and gives results in order although a later one ends first', async () => {
    expect(await drain(mergeStreams([], 3))).toEqual({ items: [], results: [] });
    const streams = new Streams();
    const { results } = await drain(mergeStreams([streams.of('slow', 5), streams.of('fast', 0)], 2));
    expect(results).toEqual(['slow ended', 'fast ended']);
    expect(streams.closed).toEqual(['fast', 'slow']);
  });

  it('closes the others when one throws, and passes its error on', async () => {
    const streams = new Streams();
    const starts = [streams.of('a', 9), streams.of('b', 9, 1), streams.of('c', 9, 1), streams.of('d', 9)];
    await expect(drain(mergeStreams(starts, 3))).rejects.toThrow('b failed');
    expect(streams.open).toBe(0);
    expect(streams.closed).not.toContain('d');
  });

  it('closes all when the reader stops early', async () => {
    const streams = new Streams();
    for await (const item of mergeStreams([streams.of('a', 9), streams.of('b', 9)], 2)) {
      expect(item).toMatch(/0$/);
      break;
    }
    expect(streams.open).toBe(0);
    expect(streams.closed.toSorted()).toEqual(['a', 'b']);
  });

  it('does not read ahead of its reader', async () => {
    let produced = 0;
    const endless = async function* (): AsyncGenerator<number, void, void> {
      for (;;) yield produced++;
    };
    const merged = mergeStreams([endless], 1);
    await merged.next();
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(produced).toBe(1);
    await merged.return([]);
  });

  it('refuses a limit that would never start anything', async () => {
    await expect(drain(mergeStreams([], 0))).rejects.toThrow(RangeError);
  });
});
