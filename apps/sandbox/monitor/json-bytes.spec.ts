import { describe, expect, it } from 'vitest';
import { JsonBytes } from './json-bytes.js';

const written = (value: number, scale: 1 | 1000): string => {
  const json = new JsonBytes();
  json.number(value, scale);
  return json.toBuffer().toString('utf8');
};

describe('JsonBytes', () => {
  it('writes numbers as JSON would', () => {
    const values = [0, 7, 10, 99, 100, 999, 1_000, 1_001, 1_010, 1_100, 12_345, 100_000, 999_999_999, 1_000_000_000];
    for (const value of [...values, 1_000_000_001, 17_179_869_184, 4_294_967_296_000, Number.MAX_SAFE_INTEGER, 1.5]) {
      expect(written(value, 1)).toBe(JSON.stringify(value));
      // Beyond the digits of a float its quotient is not the exact decimal any more.
      if (value < 1e15) expect(written(value, 1000)).toBe(JSON.stringify(value / 1000));
    }
  });

  it('grows with what is written', () => {
    const json = new JsonBytes();
    const text = 'ä'.repeat(50_000);
    json.text(text);
    json.piece(Buffer.from(text));
    expect(json.toBuffer().toString('utf8')).toBe(text + text);
  });
});
