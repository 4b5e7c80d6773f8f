import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '#core/errors.js';
import { parseManifest } from './export-manifest.js';

const MANIFEST = {
  manifestVersion: '2024-04-01',
  byteCount: 310,
  blobCount: 2,
  dataRowCount: 5,
  exportConfig: {
    exportName: 'Daily-FOCUS',
    resourceId:
      '/providers/Microsoft.Billing/billingAccounts/8611537/providers/Microsoft.CostManagement/exports/Daily-FOCUS',
    dataVersion: '1.2',
    apiVersion: '2025-03-01',
    type: 'FocusCost',
    timeFrame: 'MonthToDate',
  },
  deliveryConfig: { partitionData: true, fileFormat: 'Csv', compressionMode: 'None' },
  runInfo: {
    executionType: 'Scheduled',
    submittedTime: '2026-04-21T03:04:05.1234567Z',
    runId: '6e2f5d2a-0000-4000-8000-000000000001',
    startDate: '2026-04-01T00:00:00',
    endDate: '2026-04-30T00:00:00',
  },
  blobs: [
    { blobName: 'costs/Daily-FOCUS/20260401-20260430/6e2f5d2a/part_0_0001.csv', byteCount: 200, dataRowCount: 3 },
    { blobName: 'part_1_0001.csv' },
  ],
};
type Changes = { [Member in keyof typeof MANIFEST]?: unknown };
const manifest = (changes: Changes = {}) => JSON.stringify({ ...MANIFEST, ...changes });
const runOf = (json: string) => {
  const run = parseManifest(json, 'run/manifest.json');
  if ('reason' in run) throw new Error(run.reason);
  return run;
};
const parse = (changes?: Changes) => runOf(manifest(changes));
const reasonOf = (changes: Changes) => parseManifest(manifest(changes), 'run/manifest.json');
const typed = (type: string) => ({ exportConfig: { ...MANIFEST.exportConfig, type } });
const ofPeriod = (startDate: string, endDate: string) =>
  parse({ runInfo: { ...MANIFEST.runInfo, startDate, endDate } });

describe('a manifest', () => {
  it('tells the export, the run, its month and its parts', () => {
    expect(parse()).toEqual({
      source: 'azure-export/providers/microsoft.billing/billingaccounts/8611537/daily-focus',
      exportName: 'Daily-FOCUS',
      kind: 'both',
      runId: '6e2f5d2a-0000-4000-8000-000000000001',
      submittedAt: new Date('2026-04-21T03:04:05.123Z'),
      month: '2026-04-01',
      days: { from: '2026-04-01', to: '2026-04-30' },
      parts: [
        { name: 'part_0_0001.csv', bytes: 200, rows: 3 },
        { name: 'part_1_0001.csv', bytes: null, rows: null },
      ],
      rows: 5,
    });
    expect(runOf(`\uFEFF${manifest()}`)).toEqual(parse());
  });

  it('says which costs its parts carry, or that they carry none', () => {
    expect(parse(typed('ActualCost')).kind).toBe('actual');
    expect(parse(typed('AmortizedCost')).kind).toBe('amortized');
    for (const type of ['Usage', 'actualcost', 'ACTUALCOST']) expect(parse(typed(type)).kind).toBe('actual');
    expect(parse(typed('focuscost')).kind).toBe('both');
    for (const type of ['PriceSheet', 'ReservationDetails', 'ReservationTransactions'])
      expect(reasonOf(typed(type))).toEqual({ reason: `is of an export of ${type}, which holds no charges` });
  });

  it('takes times without a zone for UTC, and the first of the next month for an end that is not included', () => {
    expect(
      parse({ runInfo: { ...MANIFEST.runInfo, submittedTime: '2026-04-21T03:04:05' } }).submittedAt.toISOString(),
    ).toBe('2026-04-21T03:04:05.000Z');
    expect(ofPeriod('2026-04-01', '2026-05-01T00:00:00Z').days.to).toBe('2026-04-30');
    expect(ofPeriod('2026-04-01', '2026-04-12').days.to).toBe('2026-04-12');
  });

  it('cannot replace a month with another period', () => {
    const period = (startDate: string, endDate: string) => ({ runInfo: { ...MANIFEST.runInfo, startDate, endDate } });
    for (const [from, to] of [
      ['2026-04-06', '2026-04-12'],
      ['2026-04-01', '2026-05-31'],
    ] as const)
      expect(reasonOf(period(from, to))).toEqual({
        reason: expect.stringContaining(`covers ${from} to ${to}, but only exports of one billing month`) as string,
      });
  });

  it('may have no parts, and counts of 0 or none beside those it has', () => {
    expect(parse({ blobs: [], blobCount: 0, dataRowCount: 0 }).parts).toEqual([]);
    expect(parse({ blobs: null, blobCount: null, dataRowCount: null }).parts).toEqual([]);
    for (const count of [0, null, undefined])
      expect(parse({ blobCount: count, dataRowCount: count })).toMatchObject({ parts: [{}, {}], rows: null });
  });

  it.each([
    ['half of it', manifest().slice(0, 200), 'this is not JSON, or only a part of it'],
    ['another file', '{"name":"AzCops","icons":[]}', 'exportConfig: '],
    ['no object', '[]', 'the whole: '],
    [
      'a name without end',
      manifest({ exportConfig: { ...MANIFEST.exportConfig, exportName: 'n'.repeat(5_000) } }),
      'exportConfig.exportName: ',
    ],
    ['no run', manifest({ runInfo: { ...MANIFEST.runInfo, runId: '' } }), 'runInfo.runId: '],
    [
      'an id that cannot be stored',
      manifest({ runInfo: { ...MANIFEST.runInfo, runId: 'r\0' } }),
      'runInfo.runId: holds a character that cannot be stored',
    ],
    [
      'half a character in its name',
      manifest({ exportConfig: { ...MANIFEST.exportConfig, exportName: 'daily \ud83d' } }),
      'exportConfig.exportName: holds a character that cannot be stored',
    ],
    [
      'no time',
      manifest({ runInfo: { ...MANIFEST.runInfo, submittedTime: 'yesterday' } }),
      'runInfo.submittedTime: is no instant',
    ],
    [
      'no date',
      manifest({ runInfo: { ...MANIFEST.runInfo, startDate: '2026-02-30' } }),
      'runInfo.startDate: is no date',
    ],
    ['a row count below zero', manifest({ blobs: [{ blobName: 'a', dataRowCount: -1 }] }), 'blobs.0.dataRowCount: '],
    ['parts left out', manifest({ blobCount: 3 }), 'it announces 3 parts and lists 2'],
    [
      'a part twice',
      manifest({ blobs: [{ blobName: 'a/part.csv' }, { blobName: 'b/part.csv' }] }),
      'the part part.csv is listed twice',
    ],
    [
      'rows without a part',
      manifest({ blobs: null, blobCount: null }),
      'it announces 5 rows, but lists no part that holds them',
    ],
  ])('is refused: %s', (_, json, message) => {
    expect(() => parseManifest(json, 'run/manifest.json')).toThrow(InvalidInputError);
    expect(() => parseManifest(json, 'run/manifest.json')).toThrow(`run/manifest.json: `);
    expect(() => parseManifest(json, 'run/manifest.json')).toThrow(message);
  });
});
