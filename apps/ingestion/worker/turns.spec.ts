import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

describe('turns', () => {
  it('are taken by so many at a time, in order, whether the work ends well or not', async () => {
    const turns = new Turns(2);
    const log: string[] = [];
    let active = 0;
    const work = (name: string) => async () => {
      log.push(name);
      active += 1;
      expect(active).toBeLessThanOrEqual(2);
      await new Promise((resolve) => setTimeout(resolve, 2));
      active -= 1;
      if (name === 'b') throw new Error('no');
      return name;
    };
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => turns.take(work(name))));
    expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await turns.take(work('f'))).toBe('f');
  });
});
