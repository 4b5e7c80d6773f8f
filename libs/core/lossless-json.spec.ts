import { describe, expect, it } from 'vitest';
import { parseLossless as parseBytes } from './lossless-json.js';

const parseLossless = (text: string): unknown => parseBytes(Buffer.from(text));

/** What the engine's parser says, with each number as its source. */
const byReviver = (text: string): unknown =>
  JSON.parse(text, ((_key: string, value: unknown, { source }: { source?: string }) =>
    typeof value === 'number' ? source : value) as never);

describe('lossless JSON', () => {
  it.each([
    '12345678901234567890.123456789012345678901',
    '[1.50E-05,-0.10,0,-0,1e5,1E+30]',
    ' { "a" : 1 , "b" : [ 2.50 , { "c" : -3 } ] } ',
    '["1,2","[3]","\\"4\\",5","\\\\",6,"\\\\\\"7"]',
    '{"1":2,"a\\"3":4}',
    '"only text 5"',
    '[true,false,null,[],{}]',
    '["ümlaut \\u00fc 8", 9]',
    '\n\t[\r\n1\n]\t',
  ])('keeps every digit of %s', (text) => {
    expect(parseLossless(text)).toEqual(byReviver(text));
  });

  it.each([
    '',
    '[1',
    '{"a":1',
    '"open',
    '[01]',
    '[1.]',
    '[.5]',
    '[-]',
    '[+1]',
    '[1e]',
    '{1:2}',
    '{1 :2}',
    '[1 2]',
    '[1a]',
    'NaN',
    '[1,]',
    '1 2',
  ])('refuses %s', (text) => {
    expect(() => byReviver(text)).toThrow(SyntaxError);
    expect(() => parseLossless(text)).toThrow(SyntaxError);
  });

  it('takes every text for what it is, however many there are and however alike', () => {
    const texts = Array.from(
      { length: 9_000 },
      (_, index) => `/group-${index % 3_000}/long enough to have a middle/same end`,
    );
    const rows = texts.map((text, index) => [text, 20260401 + (index % 30), text.slice(0, index % 20)]);
    expect(parseLossless(JSON.stringify(rows))).toEqual(rows.map(([text, day, part]) => [text, String(day), part]));
  });

  it('leaves objects what they are, whatever their members are called', () => {
    const parsed = parseLossless('{"__proto__": {"admin": 1}, "a": 1, "a": 2}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.entries(parsed)).toEqual([
      ['__proto__', { admin: '1' }],
      ['a', '2'],
    ]);
  });

  it('passes over a byte order mark, and refuses what is not UTF-8 or nests without end', () => {
    expect(parseLossless('\uFEFF[1]')).toEqual(['1']);
    expect(() => parseBytes(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(SyntaxError);
    expect(() => parseLossless('['.repeat(100_000))).toThrow(SyntaxError);
    expect(() => parseLossless('"a\nb"')).toThrow(SyntaxError);
    expect(() => parseLossless('"\\x"')).toThrow(SyntaxError);
  });

  it('agrees with the engine on whatever is put together at random', () => {
    const pieces = [
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      '\\',
      '1',
      '-2.50',
      '0',
      'e5',
      '.',
      'true',
      ' ',
      '"a"',
      '"1"',
      'null',
    ];
    let state = 7;
    const next = (below: number) => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) % below;
    let valid = 0;
    for (let round = 0; round < 30_000; round += 1) {
      const text = Array.from({ length: 1 + next(7) }, () => pieces[next(pieces.length)]).join('');
      const outcome = (parse: (text: string) => unknown) => {
        try {
          return { value: parse(text) };
        } catch {
          return 'refused';
        }
      };
      const expected = outcome(byReviver);
      if (expected !== 'refused') valid += 1;
      expect([text, outcome(parseLossless)]).toEqual([text, expected]);
    }
    expect(valid).toBeGreaterThan(500);
  });
});
