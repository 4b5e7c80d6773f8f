import { describe, expect, it } from 'vitest';
import { parseQuery } from './kql-query.js';
import { type KqlTable, jsonOf } from './kql-value.js';
import { QueryError } from './query-error.js';

const NOW = new Date('2026-03-20T10:00:00Z');
const TABLES: Readonly<Record<string, KqlTable>> = {
  resources: {
    columns: [
      { name: 'id', type: 'string' },
      { name: 'type', type: 'string' },
      { name: 'owner', type: 'string' },
      { name: 'tags', type: 'object' },
      { name: 'properties', type: 'object' },
    ],
    rows: [
      [
        '/a',
        'microsoft.compute/disks',
        's1',
        { env: 'prod', 'cost-center': 'CC-1' },
        { size: 128, state: 'Unattached', created: '2026-01-01T00:00:00Z', zones: ['1', '2'] },
      ],
      [
        '/b',
        'microsoft.compute/disks',
        's1',
        null,
        { size: 64, state: 'Attached', created: '2026-03-19T00:00:00Z', zones: [] },
      ],
      ['/c', 'microsoft.compute/virtualmachines', 's2', { env: 'dev' }, { size: 32, isSpot: true }],
      ['/d', 'microsoft.network/publicipaddresses', 's9', { Env: 'prod' }, {}],
    ],
  },
  owners: {
    columns: [
      { name: 'owner', type: 'string' },
      { name: 'label', type: 'string' },
    ],
    rows: [
      ['s1', 'Production'],
      ['s2', 'Development'],
    ],
  },
};

const run = (query: string): unknown[][] =>
  parseQuery(query)
    .evaluate((name) => TABLES[name.toLowerCase()], NOW)
    .rows.map((row) => row.map(jsonOf));
const columns = (query: string): string[] =>
  parseQuery(query)
    .evaluate((name) => TABLES[name.toLowerCase()], NOW)
    .columns.map(({ name, type }) => `${name}:${type}`);
const ids = (condition: string): string =>
  run(`Resources | where ${condition} | project id`)
    .map(([id]) => String(id).slice(1))
    .join('');

describe('where', () => {
  it.each([
    ["type == 'microsoft.compute/disks'", 'ab'],
    ["type == 'Microsoft.Compute/Disks'", ''],
    ["type =~ 'Microsoft.Compute/Disks'", 'ab'],
    ["type !~ 'Microsoft.Compute/Disks'", 'cd'],
    ["type in ('microsoft.compute/disks', 'x')", 'ab'],
    ["type in~ ('MICROSOFT.COMPUTE/DISKS')", 'ab'],
    ["type !in ('microsoft.compute/disks')", 'cd'],
    ["type has 'compute'", 'abc'],
    ["type has 'comp'", ''],
    ["type !has 'compute'", 'd'],
    ["type contains 'COMP'", 'abc'],
    ["type contains_cs 'COMP'", ''],
    ["type startswith 'Microsoft.N'", 'd'],
    ["type !endswith 'disks'", 'cd'],
    ["type matches regex '^microsoft\\\\.(compute|x)/v'", 'c'],
    ['properties.size > 32', 'ab'],
    ['properties.size >= 32 and properties.size != 64', 'ac'],
    ['properties.size between (32 .. 64)', 'bc'],
    ["tags.env == 'prod'", 'a'],
    // A missing value differs from every value, and compares with none.
    ["tags.env != 'prod'", 'bcd'],
    ["tags['cost-center'] == 'CC-1'", 'a'],
    ['isnull(tags)', 'b'],
    ['isempty(tostring(tags.env)) and isnotnull(tags)', 'd'],
    ['properties.isSpot == true', 'c'],
    ['todatetime(properties.created) < ago(30d)', 'a'],
    ['todatetime(properties.created) > datetime(2026-03-01)', 'b'],
    ["array_length(properties.zones) > 0 or not(type has 'compute')", 'ad'],
    ["properties.zones[1] == '2'", 'a'],
    ["owner has_any ('S1', 's9')", 'abd'],
  ])('%s keeps %s', (condition, expected) => {
    expect(ids(condition)).toBe(expected);
  });
});

describe('functions', () => {
  it.each([
    ["iff(1 < 2, 'yes', 'no')", 'yes'],
    ["case(1 > 2, 'a', 2 > 1, 'b', 'c')", 'b'],
    ["coalesce('', 'x')", 'x'],
    ["strcat('a', 1, '-', true)", 'a1-True'],
    ["toupper(substring('abcdef', 1, 3))", 'BCD'],
    ["split('a/b/c', '/')[2]", 'c'],
    ["extract('size-([0-9]+)', 1, 'size-42')", '42'],
    ["toint('17') + 3", 20],
    ['7 / 2', 3],
    ['7 / 2.0', 3.5],
    ['-3 * 2', -6],
    ['parse_json(\'{"a":{"b":5}}\').a.b', 5],
    ["strlen('four')", 4],
    ["datetime_diff('day', datetime(2026-03-03), datetime(2026-02-27T23:00:00Z))", 4],
    ['tostring(datetime(2026-03-01) + 36h)', '2026-03-02T12:00:00.0000000Z'],
    ['bag_keys(dynamic({"x":1,"y":2}))', ['x', 'y']],
    ["tobool('true')", true],
    ["todouble('nothing')", null],
  ])('%s is %j', (expression, expected) => {
    expect(run(`Resources | take 1 | project value = ${expression}`)[0]?.[0]).toEqual(expected);
  });
});

describe('operators', () => {
  it('summarizes groups with every aggregate', () => {
    expect(
      run(
        "Resources | summarize n = count(), disks = countif(type has 'disks'), sum(toint(properties.size)), dcount(type) by owner | order by owner asc",
      ),
    ).toEqual([
      ['s1', 2, 2, 192, 1],
      ['s2', 1, 0, 32, 1],
      ['s9', 1, 0, 0, 1],
    ]);
    expect(run('Resources | summarize min(id), max(id), avg(toint(properties.size)), make_set(owner)')).toEqual([
      ['/a', '/d', 224 / 3, ['s1', 's2', 's9']],
    ]);
    expect(run("Resources | where id == 'none' | summarize count()")).toEqual([[0]]);
    expect(run("Resources | where id == 'none' | summarize count() by type")).toEqual([]);
  });

  it('names and types columns as Kusto does', () => {
    expect(columns('Resources | project id, properties.size, tostring(tags.env), 1 + 1, t = now()')).toEqual([
      'id:string',
      'properties_size:object',
      'tags_env:string',
      'Column1:integer',
      't:datetime',
    ]);
    expect(columns('Resources | summarize count(), sum(toint(properties.size)) by type')).toEqual([
      'type:string',
      'count_:integer',
      'sum_properties_size:integer',
    ]);
    expect(columns('Resources | project-away p*, tags | extend id = toupper(id)')).toEqual([
      'id:string',
      'type:string',
      'owner:string',
    ]);
  });

  it('sorts descending unless told otherwise and puts missing values last then', () => {
    expect(run('Resources | order by owner, id asc | project id').flat()).toEqual(['/d', '/c', '/a', '/b']);
    expect(run('Resources | extend s = toint(properties.size) | sort by s | project id').flat()).toEqual([
      '/a',
      '/b',
      '/c',
      '/d',
    ]);
    expect(run('Resources | extend s = toint(properties.size) | sort by s asc | project id').flat()).toEqual([
      '/d',
      '/c',
      '/b',
      '/a',
    ]);
    expect(run('Resources | top 2 by id desc | project id').flat()).toEqual(['/d', '/c']);
  });

  it('joins on equal columns', () => {
    expect(run('Resources | join kind=inner (owners) on owner | project id, label | order by id asc')).toEqual([
      ['/a', 'Production'],
      ['/b', 'Production'],
      ['/c', 'Development'],
    ]);
    expect(
      run(
        'Resources | join kind=leftouter (owners | project o = owner, label) on $left.owner == $right.o | project id, label | top 1 by id',
      ),
    ).toEqual([['/d', '']]);
    // The default keeps one left row per key.
    expect(run('Resources | join (owners) on owner | count')).toEqual([[2]]);
    expect(columns('owners | join (owners) on owner')).toEqual([
      'owner:string',
      'label:string',
      'owner1:string',
      'label1:string',
    ]);
  });

  it('expands arrays and objects, unions tables, and finds distinct rows', () => {
    expect(
      run("Resources | where id in ('/a', '/b') | mv-expand zone = properties.zones | project id, tostring(zone)"),
    ).toEqual([
      ['/a', '1'],
      ['/a', '2'],
    ]);
    expect(run("Resources | where id == '/a' | mv-expand tags | project tags")).toEqual([
      [{ env: 'prod' }],
      [{ 'cost-center': 'CC-1' }],
    ]);
    expect(run('Resources | project owner | union (owners | project owner) | distinct owner | count')).toEqual([[3]]);
    expect(columns('union Resources, owners | project id, label')).toEqual(['id:string', 'label:string']);
    expect(run("where type has 'network' | project id")).toEqual([['/d']]);
  });
});

describe('refusals', () => {
  it('gives the position of a syntax error', () => {
    const refused = (query: string): unknown => {
      try {
        parseQuery(query);
      } catch (error) {
        return (error as QueryError).position;
      }
      return undefined;
    };
    expect(refused('Resources | where')).toEqual({ line: 1, column: 17, token: '<EOF>' });
    expect(refused('Resources\n| projct id')).toMatchObject({ line: 2, column: 2, token: 'projct' });
  });

  it.each([
    'Resources | where nosuch == 1',
    'Resources | summarize count() by properties.size',
    'Resources | order by tags asc',
    'Resources | where unknown_function(id)',
    'Nowhere | take 1',
    'Resources | render table',
    'Resources | join kind=fullouter (owners) on owner',
    'Resources | mv-expand id',
    'let x = 1; Resources | take x',
  ])('%s', (query) => {
    expect(() => run(query)).toThrow(QueryError);
  });
});
