import { describe, expect, it } from 'vitest';
import { askedBy, chooses, exposed } from './promql.js';

const short = (expression: string) => {
  const { selectors, grouped } = askedBy(expression);
  const text = selectors.map(({ metric, matchers }) => {
    const inner = matchers.map(({ label, operator, value }) => `${label}${operator}${value}`);
    return inner.length > 0 ? `${metric}{${inner.join()}}` : metric;
  });
  return [text, grouped];
};

describe('what an expression asks', () => {
  it.each([
    ['up', ['up'], []],
    ['max by (a, b) (m{x="1", y=~"2|3"}) > 0.5', ['m{x=1,y=~2|3}'], ['a', 'b']],
    ['max(m) by (a)', ['m'], ['a']],
    ['sum(rate(m_count{s=~"5.."}[10m])) / sum(rate(m_count[10m])) > 1e-3', ['m_count{s=~5..}', 'm_count'], []],
    ['histogram_quantile(0.95, sum by (le) (rate(m_bucket[5m])))', ['m_bucket'], ['le']],
    ['a:b:rate1h{o="x"} > 14.4 * 0.001 and on () sum(b) >= 10', ['a:b:rate1h{o=x}', 'b'], []],
    ['absent(up{job=~".*api.*"} == 1)', ['up{job=~.*api.*}'], []],
    ['m{a="{by}, \\"c\\"=",} # n{x="1"}', ['m{a={by}, "c"=}'], []],
    ['a / on (x) group_left (y) b offset 5m', ['a', 'b'], ['x', 'y']],
    ['max_over_time(a[1h:5m] @ 1700000000) <= bool +Inf', ['a'], []],
    ['a unless ignoring (x) b or vector(0)', ['a', 'b'], ['x']],
    ['sum by (m) (by_day{m!="x"})', ['by_day{m!=x}'], ['m']],
  ])('%s', (expression, selectors, grouped) => {
    expect(short(expression)).toEqual([selectors, grouped]);
  });

  it('groups what an aggregation is over, and nothing beside it', () => {
    const of = (expression: string) =>
      askedBy(expression).selectors.map(({ metric, grouped }) => [metric, ...grouped].join());
    expect(of('sum by (x) (rate(a[5m])) > 1 and sum(b) >= 2')).toEqual(['a,x', 'b']);
    expect(of('c + sum((a) + b) by (x, y)')).toEqual(['c', 'a,x,y', 'b,x,y']);
    expect(of('a / on (x) sum without (y) (b)')).toEqual(['a,x', 'b,x,y']);
  });

  it.each(['{__name__="m"}', 'sum by (a', 'm{a="1"', 'm{a="1}', 'a ? b', 'm{a}b="c"}'])(
    'cannot be read: %s',
    (expression) => {
      expect(() => askedBy(expression)).toThrow(/./);
    },
  );
});

it('values that a matcher chooses', () => {
  const matcher = (operator: '=' | '!=' | '=~' | '!~', value: string) => ({ label: 'l', operator, value });
  expect(chooses(matcher('=~', 'a|b'), 'b')).toBe(true);
  expect(chooses(matcher('=~', 'a'), 'ab')).toBe(false);
  expect(chooses(matcher('!~', 'a.*'), 'ab')).toBe(false);
  expect(chooses(matcher('=', 'a'), 'a')).toBe(true);
  expect(chooses(matcher('!=', 'a'), 'a')).toBe(false);
});

it('what processes expose', () => {
  const text =
    '# TYPE h histogram\nh_bucket{le="1",r="x"} 2\nh_count{r="x"} 2\n# TYPE c counter\nc{a="\\"quoted\\" b=",b="y"} 1\n# TYPE none gauge\n';
  const both = exposed('c{b="z"} 1\n', exposed(text));
  expect([...both].map(([name, labels]) => `${name} ${[...labels.keys()].join()}`)).toEqual([
    'h_bucket le,r',
    'h_count r',
    'h_sum ',
    'c a,b',
    'none ',
  ]);
  expect([...both.get('c')!.get('b')!]).toEqual(['y', 'z']);
});
