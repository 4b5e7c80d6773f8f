import { describe, expect, it } from 'vitest';
import type { TargetResource } from '#core/connector.js';
import { IncompleteReadError, TransientSourceError } from '#core/errors.js';
import { batchAnswers, parseMetrics, toMetricRecords } from './metric-answer.js';
import type { MetricProfile } from './metric-profiles.js';

const PROFILE: MetricProfile = {
  resourceType: 'microsoft.compute/virtualmachines',
  metrics: [
    { name: 'Percentage CPU', value: 'average' },
    { name: 'Network In Total', value: 'total' },
  ],
};
const RESOURCE: TargetResource = {
  resourceId: '/subscriptions/s/vm',
  subscriptionId: 's',
  type: 'microsoft.compute/virtualmachines',
  location: 'westeurope',
};
const QUESTION = { profile: PROFILE, from: new Date('2026-04-06T12:00:00Z'), to: new Date('2026-04-20T12:00:00Z') };

const metric = (name: string, data: object[], changes: object = {}) => ({
  name: { value: name },
  unit: 'Percent',
  timeseries: [{ data }],
  errorCode: 'Success',
  ...changes,
});
const recordsOf = (answer: Record<string, unknown>, refused: (metric: string, reason: string) => void = () => {}) =>
  toMetricRecords(answer, RESOURCE, QUESTION, refused);

describe("a resource's metrics", () => {
  it('are told with unit, span and statistics, in the spelling that was asked for', () => {
    const [record] = recordsOf({
      interval: 'PT1H',
      value: [metric('percentage cpu', [{ average: 4 }, { average: 6 }])],
    });
    expect(record).toMatchObject({
      resourceId: '/subscriptions/s/vm',
      subscriptionId: 's',
      resourceType: 'microsoft.compute/virtualmachines',
      metric: 'Percentage CPU',
      unit: 'Percent',
      from: QUESTION.from,
      to: QUESTION.to,
      intervalMinutes: 60,
      average: 5,
      sampleCount: 2,
    });
    expect(record?.coverage).toBeCloseTo(2 / 336, 10);
  });

  it.each([
    ['PT1H', 60, 336],
    ['PT6H', 360, 56],
    ['P1D', 1440, 14],
    ['PT15M', 15, 1344],
    [undefined, 60, 336],
    ['FULL', 60, 336],
  ])('answered at the interval %s are measured by it', (interval, intervalMinutes, points) => {
    const data = Array.from({ length: points }, () => ({ average: 1 }));
    expect(recordsOf({ interval, value: [metric('Percentage CPU', data)] })[0]).toMatchObject({
      intervalMinutes,
      sampleCount: points,
      coverage: 1,
    });
  });

  it('of a machine that was off have points with a time alone, or no series: both are absent, not zero', () => {
    for (const timeseries of [[{ data: [{ timeStamp: '2026-04-06T12:00:00Z' }] }], [], undefined]) {
      expect(recordsOf({ value: [metric('Percentage CPU', [], { timeseries })] })[0]).toMatchObject({
        average: null,
        maximum: null,
        sampleCount: 0,
        coverage: 0,
      });
    }
  });

  it('take amounts from totals', () => {
    const data = [
      { total: 10, average: 1 },
      { total: 30, average: 2 },
    ];
    expect(recordsOf({ value: [metric('Network In Total', data)] })[0]).toMatchObject({ average: 20, maximum: 30 });
  });

  it('that Monitor could not serve are named, and the others taken', () => {
    const refused: string[] = [];
    const broken = metric('Network In Total', [], { errorCode: 'InternalServerError', errorMessage: 'try later' });
    const silent = metric('Percentage CPU', [], { errorCode: 'Throttled' });
    const note = (name: string, reason: string) => void refused.push(`${name}: ${reason}`);
    expect(recordsOf({ value: [broken, metric('Percentage CPU', [{ average: 1 }])] }, note)).toHaveLength(1);
    expect(recordsOf({ value: [silent] }, note)).toEqual([]);
    expect(refused).toEqual(['Network In Total: try later', 'Percentage CPU: Throttled']);
  });

  it('that nobody asked for are left out', () => {
    expect(recordsOf({ value: [metric('Something Else', [{ average: 1 }])] })).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no list', {}],
    ['a metric without a name', { value: [{ unit: 'Percent' }] }],
    ['a metric that is text', { value: ['Percentage CPU'] }],
  ])('in an answer with %s are not usable', (_name, answer) =>
    expect(() => recordsOf(answer)).toThrow(IncompleteReadError),
  );
});

describe('a batch', () => {
  it('is told apart by resource, in whatever case Monitor writes the id', () => {
    const answers = batchAnswers({ values: [{ resourceid: '/SUBSCRIPTIONS/S/VM', value: [] }] });
    expect([...answers.keys()]).toEqual(['/subscriptions/s/vm']);
  });

  it.each([[null], [{}], [{ values: [{ value: [] }] }], [{ values: ['x'] }]])('of %j is not usable', (body) =>
    expect(() => batchAnswers(body)).toThrow(IncompleteReadError),
  );

  it('that is cut off may be whole the next time', () => {
    expect(() => parseMetrics(Buffer.from('{"values":['))).toThrow(TransientSourceError);
    expect(() => parseMetrics(Buffer.from([0xff]))).toThrow(TransientSourceError);
  });
});
