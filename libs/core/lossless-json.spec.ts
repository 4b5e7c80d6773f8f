import { describe, expect, it } from 'vitest';
import { parseLossless as parseBytes, type RowTaker } from './lossless-json.js';

const parseLossless = (text: string): unknown => parseBytes(Buffer.from(text));

/** What the engine's parser says, with each number as its source. */
const byReviver = (text: string): unknown =>
  JSON.parse(text, ((_key: string, value: unknown, { source }: { source?: string }) =>
    typeof value === 'number' ? source : value) as never);

/** What the taker of `rows` is given, and what is left. */
function taken(text: string): { rows: unknown[]; rest: unknown } {
  const rows: unknown[] = [];
  const take: RowTaker = (row) => rows.push(structuredClone(row));
  const rest = parseBytes(Buffer.from(text), (name) => (name === 'rows' ? take : null));
  return { rows, rest };
}
/** A generator of numbers that is the same in every run. */
function pseudoRandom(): (below: number) => number {
  let state = 7;
  return (below) => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) % below;
}

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
    const next = pseudoRandom();
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

  describe('of a table', () => {
    it('hands each row on and leaves the list empty', () => {
      const text = '{"n":1,"rows":[[1.50,"a"],[],"no list",[2,["b",{"c":3}]],null],"next":"x"}';
      expect(taken(text)).toEqual({
        rows: [['1.50', 'a'], [], 'no list', ['2', ['b', { c: '3' }]], null],
        rest: { n: '1', rows: [], next: 'x' },
      });
      expect(taken('{"rows":[]}')).toEqual({ rows: [], rest: { rows: [] } });
      expect(taken('{"rows":{"rows":[1]},"a":[2]}')).toEqual({ rows: ['1'], rest: { rows: { rows: [] }, a: ['2'] } });
    });

    it.each([
      '{"rows":[[1,"a"],[2,"a"',
      '{"rows":[[1,"a"],[2,"a"},]}',
      '{"rows":[[1,"a"] [2,"a"]]}',
      '{"rows":[[1,"a",]]}',
    ])('refuses %s', (text) => expect(() => taken(text)).toThrow(SyntaxError));

    it('tells who may take the rows what was read before them', () => {
      const seen: unknown[] = [];
      parseBytes(Buffer.from('{"p":{"columns":["a"],"rows":[[1]]}}'), (name, owner) => {
        seen.push([name, { ...owner }]);
        return null;
      });
      expect(seen).toEqual([
        ['columns', {}],
        ['rows', { columns: ['a'] }],
      ]);
    });

    it('is the same table, however its rows repeat each other', () => {
      const next = pseudoRandom();
      const texts = ['a', 'ab', '', 'b\\"]', 'ü', '],[1,"a"', 'a'.repeat(40), `${'a'.repeat(39)}b`];
      for (let round = 0; round < 400; round += 1) {
        const kinds = Array.from({ length: 1 + next(5) }, () =>
          Array.from({ length: next(4) }, () => [texts[next(texts.length)], null, [next(2)], true][next(8) % 4]),
        );
        const rows = Array.from({ length: next(40) }, (_, index) => [
          ...[index, 0.5].slice(next(3)),
          ...kinds[next(2) === 0 ? index % kinds.length : next(kinds.length)]!,
        ]);
        const text = JSON.stringify({ rows }, null, next(3));
        expect(taken(text).rows).toEqual((byReviver(text) as { rows: unknown[] }).rows);
      }
    });

    it('may have more kinds of rows than are remembered', () => {
      const rows = Array.from({ length: 15_000 }, (_, index) => [
        index,
        `/vm/${index % 5_000}`,
        'x',
        `end ${index % 7}`,
      ]);
      expect(taken(JSON.stringify({ rows })).rows).toEqual(
        rows.map(([number, ...texts]) => [String(number), ...texts]),
      );
    });
  });
});
