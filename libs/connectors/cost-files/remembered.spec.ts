import { describe, expect, it } from 'vitest';
import { remembered } from './remembered.js';

describe('a reader that remembers', () => {
  it('reads each text once, and again only after very many others', () => {
    let reads = 0;
    const read = remembered((text) => {
      reads += 1;
      return text === '' ? null : text.toUpperCase();
    });
    expect(['a', 'b', 'a', '', 'b', ''].map(read)).toEqual(['A', 'B', 'A', null, 'B', null]);
    expect(reads).toBe(3);
    const many = Array.from({ length: 100 }, (_, index) => String(index).padEnd(100_000, 'x'));
    expect(many.map(read)).toEqual(many.map((text) => text.toUpperCase()));
    expect([read('a'), read('')]).toEqual(['A', null]);
    expect(reads).toBeLessThanOrEqual(105);
  });
});
