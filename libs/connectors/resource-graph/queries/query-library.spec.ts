import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columnsOf, judgeKql } from '../../testing/kusto-referee.js';
import { queriesOf, RESOURCE_GRAPH_QUERIES } from './index.js';
import { QUERY_FAMILIES } from './query.js';

describe.each(RESOURCE_GRAPH_QUERIES)('$name', ({ name, kql, title, finds, family }) => {
  it("passes Microsoft's Kusto analyzer within the limits of Resource Graph", () => {
    expect(judgeKql(kql)).toEqual([]);
  });

  it('can be paged: projects the id, orders by it alone and limits nothing', () => {
    expect(columnsOf(kql)).toContain('id');
    expect(kql.split('\n').at(-1)).toBe('| order by id asc');
    expect(kql).not.toMatch(/\|\s*(limit|take|top|sample|count)\b/i);
    expect(kql.match(/\b(order|sort)\s+by\b/gi)).toHaveLength(1);
  });

  it('says what it is for', () => {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(title).toMatch(/^[A-Z]/);
    expect(finds).toMatch(/\.$/);
    expect(QUERY_FAMILIES).toContain(family);
  });
});

describe('the library', () => {
  it('holds every query file once, under its own name', () => {
    const files = readdirSync(import.meta.dirname).flatMap((file) => /^(.+)\.query\.ts$/.exec(file)?.[1] ?? []);
    expect(RESOURCE_GRAPH_QUERIES.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it('has families that do not share a name with a query', () => {
    expect(queriesOf('waste').map(({ name }) => name)).toEqual([
      'unattached-disks',
      'orphaned-public-ips',
      'orphaned-network-interfaces',
      'snapshots-older-than-90-days',
    ]);
    expect(QUERY_FAMILIES.flatMap(queriesOf)).toHaveLength(RESOURCE_GRAPH_QUERIES.length);
    const names = new Set(RESOURCE_GRAPH_QUERIES.map(({ name }) => name));
    expect(QUERY_FAMILIES.filter((family) => names.has(family))).toEqual([]);
  });
});

describe('the referee', () => {
  const joins = (count: number) => `Resources${' | join kind=inner (Resources | project id) on id'.repeat(count)}`;

  it.each([
    'Resources | project id | union (ResourceContainers | project id), (advisorresources | project id)',
    'union Resources, ResourceContainers, AdvisorResources',
    `${joins(3)} | mv-expand tags limit 400 | mvexpand zones`,
    "resources | join (Resources | where name matches regex @'^a') on id | take 1",
  ])('lets %s pass', (query) => {
    expect(judgeKql(query)).toEqual([]);
  });

  it.each<[string, RegExp]>([
    ['Resources | where', /Missing expression/],
    ["Resources | where type = 'x'", /./],
    ['Resources | projct id', /./],
    ['Resources | where nosuch == 1', /nosuch/],
    ['Nowhere | project id', /Nowhere/],
    ['Resources | extend x = nosuch(id)', /nosuch/],
    ['Resources | project toint(id, 3)', /expects 1 argument/],
    ['Resources | where properties.timeCreated < ago(90d)', /not defined for the operand types dynamic and datetime/],
    ['Resources | order by tags asc', /dynamic/],
    ['Resources | summarize count() by tags', /dynamic/],
    ['let x = 1; Resources | take x', /LetStatement/],
    ['Resources | take 1; Resources | take 1', /not a single statement/],
    ['Resources | render table', /RenderOperator/],
    ['Resources | sample 3', /SampleOperator/],
    ['Resources | project-rename x = id', /ProjectRenameOperator/],
    ['Resources | evaluate bag_unpack(tags)', /EvaluateOperator/],
    ['print 1', /PrintOperator/],
    ['Resources | extend x = strcat_array(tags, id)', /strcat_array/],
    ['Resources | join kind=leftanti (Resources) on id', /join kind leftanti/],
    [joins(4), /JoinOperator: more than 3/],
    [`Resources${' | mv-expand tags'.repeat(4)}`, /MvExpandOperator: more than 3/],
    ['Resources | mv-expand tags limit 401', /above 400/],
    ['Resources | union Resources, Resources, Resources', /more than 3 legs/],
    ['union Resources, Resources, Resources, Resources', /more than 3 legs/],
    ['Resources | union Resources | union Resources', /more than one/],
  ])('rejects %s', (query, problem) => {
    expect(judgeKql(query).join('\n')).toMatch(problem);
  });
});
