import { describe, expect, it } from 'vitest';
import { TransientSourceError } from '#core/errors.js';
import { parseMoneyBody, parsePlainBody, requireWholeJson } from './json-body.js';

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

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['12345678901234567890.5', 12345678901234567000],
    ['1E400', '1E400'],
    ['-1.5e+999', '-1.5e+999'],
    ['1e15', 1e15],
    ['900719925474099.3', 900719925474099.3],
  ])('finds %s wherever it stands', (number, expected) => {
    for (const before of ['', ' ', '\n']) {
      const value = before + number;
      expect(parsePlainBody(Buffer.from(value))).toBe(expected);
      expect(parsePlainBody(Buffer.from(`[${value}]`))).toEqual([expected]);
      expect(parsePlainBody(Buffer.from(`{"a":1,"b":[0,${value}],"c":${value} }`))).toEqual({
        a: 1,
        b: [0, expected],
        c: expected,
      });
    }
  });

  it('leaves text alone that looks like such a number', () => {
    const texts = ['9007199254740993', ':9007199254740993', ', 1e400'];
    expect(parsePlainBody(Buffer.from(JSON.stringify(texts)))).toEqual(texts);
  });

  it('takes an empty body as nothing, and a broken one as passing trouble', () => {
    expect(parsePlainBody(new Uint8Array())).toBeNull();
    for (const body of ['{"a":', '<html>', new Uint8Array([0x22, 0xff, 0x22])]) {
      expect(() => parsePlainBody(Buffer.from(body as string))).toThrow(TransientSourceError);
    }
  });
});

describe('a body that may be whole', () => {
  it.each(['', '{}', ' {"a": "ü"} \r\n', '\uFEFF{"a": 1}', `{"a": "${'日本'.repeat(100)}"}`])('is %j', (body) => {
    expect(() => requireWholeJson(Buffer.from(body))).not.toThrow();
  });
  it.each(['<html>', '{"a":', '{"rows": [[1, 2', '"{}', '{}"', ' '])('is not %j', (body) => {
    expect(() => requireWholeJson(Buffer.from(body))).toThrow(TransientSourceError);
  });
});
