import { describe, expect, it } from 'vitest';
import { askedBy, exposed } from './promql.js';

describe('what an expression asks', () => {
  it.each([
    ['up', [{ metric: 'up', labels: [] }], []],
    ['max by (a, b) (m{x="1", y=~"2|3"}) > 0.5', [{ metric: 'm', labels: ['x', 'y'] }], ['a', 'b']],
    [
      'sum(rate(m_count{s=~"5.."}[10m])) / sum(rate(m_count[10m])) > 0.01',
      [
        { metric: 'm_count', labels: ['s'] },
        { metric: 'm_count', labels: [] },
      ],
      [],
    ],
    ['histogram_quantile(0.95, sum by (le) (rate(m_bucket[5m])))', [{ metric: 'm_bucket', labels: [] }], ['le']],
    [
      'a:b:rate1h > 14.4 * 0.001 and a:b:rate5m > 1',
      [
        { metric: 'a:b:rate1h', labels: [] },
        { metric: 'a:b:rate5m', labels: [] },
      ],
      [],
    ],
    ['absent(up{job=~".*api.*"} == 1)', [{ metric: 'up', labels: ['job'] }], []],
  ])('%s', (expression, selectors, grouped) => {
    expect(askedBy(expression)).toEqual({ selectors, grouped });
  });
});

it('what a process exposes', () => {
  const text =
    '# TYPE h histogram\nh_bucket{le="1",r="x"} 2\nh_count{r="x"} 2\n# TYPE c counter\nc{a="\\"quoted\\" b=",b="y"} 1\n# TYPE none gauge\n';
  expect([...exposed(text)].map(([name, labels]) => `${name} ${[...labels].join()}`)).toEqual([
    'h_bucket le,r',
    'h_count r',
    'h_sum ',
    'c a,b',
    'none ',
  ]);
});
