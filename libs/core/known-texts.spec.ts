import { describe, expect, it } from 'vitest';
import { KnownTexts } from './known-texts.js';

describe('known texts', () => {
  it('are those of their bytes, however many there are and wherever they stand', () => {
    const texts = new KnownTexts();
    const cells = Array.from({ length: 150_000 }, (_, index) => `/vm-${index % 90_000}${'ß'.repeat(index % 40)}`);
    const long = 'x'.repeat(2_000);
    const bytes = Buffer.from([long, ...cells, long].join(''));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const wrong: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      let at = 0;
      for (const cell of [long, ...cells, long]) {
        const to = at + Buffer.byteLength(cell);
        if (texts.text(bytes, view, at, to) !== cell) wrong.push(cell);
        at = to;
      }
    }
    expect(wrong).toEqual([]);
  });
});
