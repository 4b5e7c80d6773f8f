import { describe, expect, it } from 'vitest';
import { TransientSourceError } from '#core/errors.js';
import { parseMoneyBody, parsePlainBody } from './json-body.js';

describe('parsing bodies', () => {
  it('keeps every digit of money', () => {
    expect(parseMoneyBody(Buffer.from('[1.5E-05, 0.10, 12345678901234567890.123]'))).toEqual([
      '1.5E-05',
      '0.10',
      '12345678901234567890.123',
    ]);
  });

  it('gives plain numbers, except integers that a double cannot hold', () => {
    expect(parsePlainBody(Buffer.from('[1, 2.5, 9007199254740993, 1e999]'))).toEqual([
      1,
      2.5,
      '9007199254740993',
      '1e999',
    ]);
  });

  it('takes an empty body as nothing, and a broken one as passing trouble', () => {
    expect(parsePlainBody(new Uint8Array())).toBeNull();
    for (const body of ['{"a":', '<html>', new Uint8Array([0x22, 0xff, 0x22])]) {
      expect(() => parsePlainBody(Buffer.from(body as string))).toThrow(TransientSourceError);
    }
  });
});
