import { describe, expect, it } from 'vitest';
import { parseQuery } from './kql-query.js';
import { type KqlTable, type KqlValue, jsonOf } from './kql-value.js';
import { QueryError } from './query-error.js';

/*
 * What Kusto answers where a guess would differ: from Microsoft's documentation of the language ("Null values",
 * "String operators", "sort", "join", "mv-expand", "summarize") and, where that is silent, from measurements of the
 * Kusto emulator that the project duckdb-kql publishes (docs/TRANSLATION.md).
 */
const NOW = new Date('2026-03-20T10:00:00Z');
const ROWS: readonly [string, KqlValue, KqlValue, KqlValue][] = [
  [
    'a',
    'Microsoft-Compute',
    1,
    { s: 'x', n: 1, b: true, list: ['p', 'q'], bag: { k: 1, l: 2 }, empty: '', at: '2026-01-01' },
  ],
  ['b', '', null, null],
  ['c', 'a_b', 3, { s: 'X', n: '1', b: 'true', list: [], bag: {}, nil: null }],
];
const T: KqlTable = {
  columns: [
    { name: 'id', type: 'string' },
    { name: 'text', type: 'string' },
    { name: 'number', type: 'integer' },
    { name: 'd', type: 'object' },
  ],
  rows: ROWS,
};
const tables = (name: string): KqlTable | undefined => (/^(t|resources)$/i.test(name) ? T : undefined);
const run = (query: string): unknown[][] =>
  parseQuery(query)
    .evaluate(tables, NOW)
    .rows.map((row) => row.map(jsonOf));
const kept = (condition: string): string => run(`T | where ${condition} | project id`).flat().join('');
const value = (expression: string, id = 'a'): unknown =>
  run(`T | where id == '${id}' | project value = ${expression}`)[0]?.[0];

describe('comparison', () => {
  it.each([
    // Equality answers for null, order does not.
    ['number == 1', 'a'],
    ['number != 1', 'bc'],
    ['number > 1', 'c'],
    ['not(number > 1)', 'a'],
    ['number > 1 or isnull(number)', 'bc'],
    ['number == int(null)', ''],
    ['number in (1, 2)', 'a'],
    ['number !in (1, 2)', 'bc'],
    ['number between (1 .. 2)', 'a'],
    ['number !between (1 .. 2)', 'c'],
    // A string has no null: absent is empty.
    ["text == ''", 'b'],
    ['isnull(text)', ''],
    ['isempty(text)', 'b'],
    ['isnotempty(text)', 'ac'],
    // Case counts for == and in alone.
    ["text == 'microsoft-compute'", ''],
    ["text =~ 'microsoft-compute'", 'a'],
    ["text !~ 'microsoft-compute'", 'bc'],
    ["text in ('MICROSOFT-COMPUTE')", ''],
    ["text in~ ('MICROSOFT-COMPUTE')", 'a'],
    ["text !in~ ('MICROSOFT-COMPUTE')", 'bc'],
    // A dynamic value next to a string is its text, null the empty one.
    ["d.s == 'x'", 'a'],
    ["d.s =~ 'x'", 'ac'],
    ["d.s != 'x'", 'bc'],
    ["d.nothing == ''", 'abc'],
    ["d.list == '[]'", 'c'],
    ["d.b == 'true'", 'ac'],
    ["d.s in ('x', 'y')", 'a'],
    ["d.s in~ ('x', 'y')", 'ac'],
    // Next to anything else it is compared as what it is.
    ['d.n == 1', 'a'],
    ['d.n != 1', 'bc'],
    ['d.b == true', 'a'],
    ['d.n >= 1', 'a'],
    ['isnull(d.nil)', 'abc'],
    ['isnull(d.empty)', 'bc'],
    ['isempty(d.empty)', 'abc'],
    ['isnotempty(d.bag)', 'ac'],
    ['todatetime(d.at) < ago(30d)', 'a'],
    ['todatetime(d.at) < ago(365d)', ''],
    ["todatetime(text) < now() or text == 'a_b'", 'c'],
  ])('%s keeps %j', (condition, expected) => {
    expect(kept(condition)).toBe(expected);
  });

  it.each([
    // Whole terms: an underscore ends one, unlike in a regular expression; accents and digits do not.
    ["'a_b' has 'a'", true],
    ["'a1' has 'a'", false],
    ["'éa' has 'a'", false],
    ["'errors' has 'error'", false],
    ["'the Error.' has 'ERROR'", true],
    ["'the Error.' has_cs 'ERROR'", false],
    ["'x-asr-y' has 'asr-y'", true],
    ["'anything' has ''", true],
    ["'' !has 'x'", true],
    ["'ms-asr-01' hasprefix 'ms-as'", true],
    ["'xms-asr-01' hasprefix 'ms-as'", false],
    ["'disk-ASRReplica' hassuffix 'k-asrreplica'", true],
    ["'errors' has_any ('error', 'x')", false],
    ["'one two' has_all ('one', 'two')", true],
    ["'one two' has_all ('one', 'three')", false],
    ["'Abc' contains 'B'", true],
    ["'Abc' contains_cs 'B'", false],
    ["'Abc' startswith 'aB'", true],
    ["'Abc' startswith_cs 'aB'", false],
    ["'Abc' endswith 'BC'", true],
    ["'Abc' !endswith_cs 'BC'", true],
    ["'Abc' matches regex 'b'", true],
    ["'Abc' matches regex 'B'", false],
    ["'Abc' matches regex '(?i)B'", true],
    [`tostring(dynamic({"Cost-Center":"x"})) matches regex @'(?i)"cost-center"\\s*:'`, true],
  ])('%s is %j', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });
});

describe('values', () => {
  it.each<[string, unknown]>([
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7 / 0', null],
    ['-10 % 4', 2],
    ['number + int(null)', null],
    ['datetime(2026-03-01) - datetime(2026-02-28)', '1.00:00:00'],
    ["tolong('1.5')", null],
    ["toint(' 12 ')", 12],
    ["toint('twelve')", null],
    ["todouble('1.5')", 1.5],
    ["tobool('TRUE')", true],
    ["tobool('yes')", null],
    ["todatetime('never')", null],
    ["tostring(todatetime('2026-01-01'))", '2026-01-01T00:00:00.0000000Z'],
    ['tostring(true)', 'True'],
    ['tostring(d.b)', 'true'],
    ['tostring(d.nothing)', ''],
    ['tostring(d.list)', '["p","q"]'],
    ['tostring(int(null))', ''],
    ['isnull(bool(null)) and isnull(datetime(null)) and isnull(timespan(null)) and isnull(dynamic(null))', true],
    ["strcat('a', int(null), 'b')", 'ab'],
    ['strlen(tostring(d.nothing))', 0],
    ["strlen('é👍')", 2],
    ['toupper(tostring(d.s))', 'X'],
    ['d.list[0]', 'p'],
    ['d.list[-1]', 'q'],
    ['d.list[9]', null],
    ['d.bag.k.deeper', null],
    ["d['bag']['l']", 2],
    ['d.S', null],
    ['array_length(d.list)', 2],
    ['array_length(d.bag)', null],
    ['array_length(d.nothing)', null],
    ['coalesce(array_length(d.nothing), 0)', 0],
    ['bag_keys(d.bag)', ['k', 'l']],
    ['bag_keys(d.list)', null],
    ["coalesce('', 'x')", 'x'],
    ["coalesce(tostring(d.nothing), '')", ''],
    ['coalesce(d.empty, d.s)', ''],
    ["iff(int(null) > 1, 'yes', 'no')", 'no'],
    ["case(number > 5, 'a', number > 0, 'b', 'c')", 'b'],
    ["case(int(null) > 5, 'a', 'c')", 'c'],
    ["split('a,b', ',')", ['a', 'b']],
    ["split('a,b', ',', 1)", ['b']],
    ["split('a,b', ',', 9)", null],
    ["split('a,b', '')", null],
    ["extract('x([0-9]+)', 1, 'x42')", '42'],
    ["extract('x([0-9]+)', 1, 'y')", ''],
    ["substring('abc', 1, 9)", 'bc'],
    ["parse_json('no json')", 'no json'],
    ["datetime_diff('day', datetime(2026-03-02T00:00:00Z), datetime(2026-03-01T23:59:59Z))", 1],
    ["datetime_diff('month', datetime(2026-03-01), datetime(2026-01-31))", 2],
  ])('%s is %j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });
});

describe('tables', () => {
  it('sort descending by default, with null last then and first otherwise', () => {
    expect(run('T | order by number | project id').flat()).toEqual(['c', 'a', 'b']);
    expect(run('T | order by number asc | project id').flat()).toEqual(['b', 'a', 'c']);
    expect(run('T | order by number asc nulls last | project id').flat()).toEqual(['a', 'c', 'b']);
    expect(run('T | sort by text asc | project id').flat()).toEqual(['b', 'a', 'c']);
    expect(run('T | top 1 by id | project id').flat()).toEqual(['c']);
  });

  it('join unique left keys by default, and null to null', () => {
    const left = 'T | union T | extend k = number';
    const right = '(T | project k = number, other = id)';
    expect(run(`${left} | join ${right} on k | project id, other | order by id asc`)).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
    expect(run(`${left} | join kind=inner ${right} on k | count`)).toEqual([[6]]);
    expect(
      run(
        `T | extend k = strcat(id, '1') | join kind=leftouter (T | project k = id, n = number, s = text) on k | project id, n, s`,
      ),
    ).toEqual([
      ['a', null, ''],
      ['b', null, ''],
      ['c', null, ''],
    ]);
  });

  it('expand: nothing for empty arrays, one row for null, members of bags, several columns in step', () => {
    expect(run('T | mv-expand x = d.list | project id, x')).toEqual([
      ['a', 'p'],
      ['a', 'q'],
      ['b', null],
    ]);
    expect(run('T | mv-expand x = d.bag | project id, x')).toEqual([
      ['a', { k: 1 }],
      ['a', { l: 2 }],
      ['b', null],
    ]);
    expect(run("T | where id == 'a' | mv-expand x = d.list, y = d.s | project x, y")).toEqual([
      ['p', 'x'],
      ['q', null],
    ]);
    expect(run("T | where id == 'a' | mv-expand x = dynamic([1, 2.5, '2', null]) to typeof(long) | project x")).toEqual(
      [[1], [2], [null], [null]],
    );
    expect(run("T | where id == 'a' | mv-expand d.list limit 1 | count")).toEqual([[1]]);
  });

  it('summarize: defaults without a group, null is a group of its own and counts for no aggregate', () => {
    expect(
      run(
        "T | where id == 'none' | summarize count(), sum(number), dcount(id), make_list(id), make_set(id), max(number), avg(number)",
      ),
    ).toEqual([[0, 0, 0, [], [], null, null]]);
    expect(run("T | where id == 'none' | summarize count() by id")).toEqual([]);
    expect(run('T | summarize n = count() by number | order by number asc')).toEqual([
      [null, 1],
      [1, 1],
      [3, 1],
    ]);
    expect(run('T | summarize avg(number), dcount(number), countif(number > 0), make_list(number)')).toEqual([
      [2, 2, 2, [1, 3]],
    ]);
    expect(run('T | distinct number | count')).toEqual([[3]]);
  });

  it('find tables in any case, and columns in theirs only', () => {
    expect(run('t | count')).toEqual([[3]]);
    expect(run('RESOURCES | count')).toEqual([[3]]);
    expect(run("where id == 'a' | count")).toEqual([[1]]);
    expect(() => run('T | project ID')).toThrow(/ID/);
  });
});

describe('what cannot be answered is refused', () => {
  it.each<[string, RegExp]>([
    ['T | project nosuch', /nosuch/],
    ['T | extend a = 1, b = a', /'a'/],
    ['T | extend x = nosuch(id)', /nosuch/],
    ['T | project toint(id, 2)', /expects 1 argument/],
    ['T | where id contains 5', /not defined for the operand types string and long/],
    ['T | where id == 5', /string and number/],
    ["T | where number == '1'", /number and string/],
    ['T | where id in (1, 2)', /string and number/],
    ['T | where d.s == d.n', /without explicit cast/],
    ['T | where d.at < ago(1d)', /dynamic and datetime/],
    ['T | order by d asc', /dynamic/],
    ['T | summarize count() by d', /dynamic/],
    ['T | summarize sum(todouble(d.n)), sum(d.n)', /summable/],
    ['T | summarize make_list(id, 2)', /wrong number/],
    ['T | summarize arg_max(number, id)', /arg_max/],
    ['T | summarize percentile(number, 50)', /percentile/],
    ['T | extend x = d.s + 1', /./],
    ['T | extend x = todouble(number) / 0.0', /by zero/],
    ['T | extend x = toint(1.5)', /whole/],
    ["T | where text matches regex '('", /not supported/],
    ["T | where text matches regex '(?=a)'", /RE2/],
    ["T | extend x = extract('(?<!a)b', 0, text)", /RE2/],
    ["T | extend x = extract('(a)', 1, text, typeof(long))", /not supported/],
    ["T | extend x = datetime_diff('week', now(), now())", /week/],
    ['T | extend x = substring(text, -1)', /negative/],
    ['T | extend x = bin(number, 2)', /bin/],
    ['T | extend x = format_datetime(now(), "yyyy")', /format_datetime/],
    ['T | join kind=leftanti (T) on id', /leftanti/],
    ['T | join hint.strategy=broadcast (T) on id', /only 'kind'/],
    ['T | join (T) on $left.id == $right.number', /./],
    ['union kind=inner T, T', /no parameter/],
    ['union withsource=s T, T', /no parameter/],
    ['T | project id | union (T | project id = number)', /types of 'id' differ/],
    ['T | mv-expand with_itemindex=i d.list', /no parameter/],
    ['T | mv-expand kind=array d.bag', /no parameter/],
    ['T | mv-expand d.list to typeof(datetime)', /datetime/],
    ['T | mv-expand d.list limit 401', /400/],
    ['T | mv-expand text', /dynamic/],
    ["T | parse text with 'a' x", /parse/],
    ['T | project-reorder text', /project-reorder/],
    ['T | sample 1', /sample/],
    ['T | where * has "x"', /./],
    ['let n = 1; T | take n', /single/],
    ['T | take 1; T | take 1', /single/],
    ['Nowhere | count', /Nowhere/],
    ["T | where id == 'a' | where", /Missing/],
  ])('%s', (query, reason) => {
    expect(() => run(query)).toThrow(QueryError);
    expect(() => run(query)).toThrow(reason);
  });
});
