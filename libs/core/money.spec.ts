import { describe, expect, it } from 'vitest';
import { parseLossless } from './lossless-json.js';
import { canonicalDecimal, divideDecimal, isDecimal } from './money.js';

describe('a decimal', () => {
  it.each([
    ['1.50E-05', '0.000015'],
    ['1.5e+3', '1500'],
    ['-0.10', '-0.1'],
    ['+7.', '7'],
    ['.5', '0.5'],
    ['007', '7'],
    ['-0.000', '0'],
    ['0e5', '0'],
    ['12.5E-1', '1.25'],
    [
      '123456789012345678901234567890.123456789012345678901234567890',
      '123456789012345678901234567890.12345678901234567890123456789',
    ],
  ])('written %s is %s', (written, canonical) => {
    expect(isDecimal(written)).toBe(true);
    expect(canonicalDecimal(written)).toBe(canonical);
  });

  it.each(['', ' ', '1,5', '1 000', '$1', 'NaN', 'Infinity', '0x1F', '1e', '1e99999', '--1', '.', '1.2.3'])(
    'is not what %j says',
    (text) => {
      expect(isDecimal(text)).toBe(false);
      expect(() => canonicalDecimal(text)).toThrow(RangeError);
    },
  );

  it('comes out of JSON as it was written, where a number would be rounded', () => {
    const text = '{"rows": [[1.5E-05, -0.10, 123456789012345678901234567890.1, "9", true, null]]}';
    expect(parseLossless(Buffer.from(text))).toEqual({
      rows: [['1.5E-05', '-0.10', '123456789012345678901234567890.1', '9', true, null]],
    });
  });
});

describe('divideDecimal', () => {
  it.each([
    ['575', 12, '47.9166666667'],
    ['-575', 12, '-47.9166666667'],
    ['0.12', 12, '0.01'],
    ['1.2E3', 12, '100'],
    ['0', 12, '0'],
  ])('%s / %i is %s', (amount, divisor, quotient) => expect(divideDecimal(amount, divisor)).toBe(quotient));
});
