import { readFileSync } from 'node:fs';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '#core/errors.js';
import type { RandomAccessFile } from '#core/file-folder.js';
import { canonicalDecimal } from '#core/money.js';
import type { CostDimension, CostRecord } from '#core/records.js';
import { readCostFile } from './cost-file.reader.js';

const fileOf = (bytes: Uint8Array, name = 'part_0_0001.snappy.parquet'): RandomAccessFile => ({
  name,
  bytes: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
});
async function readAll(
  file: RandomAccessFile,
  kind?: 'actual' | 'amortized',
): Promise<(Omit<CostRecord, 'dimension'> & CostDimension)[]> {
  const records: Awaited<ReturnType<typeof readAll>> = [];
  for await (const { charges } of readCostFile(file, kind))
    records.push(...charges.map(({ record: { dimension, ...charge } }) => ({ ...dimension, ...charge })));
  return records;
}
const refusal = async (bytes: Uint8Array) => {
  const error: unknown = await readAll(fileOf(bytes), 'actual').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InvalidInputError);
  return (error as Error).message;
};

const utf8 = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
});
const decimal = (name: string): SchemaElement => ({
  name,
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: 16,
  converted_type: 'DECIMAL',
  precision: 38,
  scale: 12,
  repetition_type: 'OPTIONAL',
});
const double = (name: string): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' });
const day = (name: string): SchemaElement => ({
  name,
  type: 'INT32',
  converted_type: 'DATE',
  repetition_type: 'OPTIONAL',
});

const fixture = (name: string) => readFileSync(new URL(`./fixtures/arrow-${name}.parquet`, import.meta.url));

/** An actual-cost part with these columns; rows are given by column. */
function part(columns: Record<string, { element: (name: string) => SchemaElement; data: unknown[] }>): Uint8Array {
  const schema = Object.entries(columns).map(([name, { element }]) => element(name));
  const columnData = Object.entries(columns).map(([name, { data }]) => ({ name, data }) as ColumnSource);
  const root = { name: 'root', num_children: schema.length } as SchemaElement;
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: [root, ...schema], rowGroupSize: 2 }));
}
const usual = (changes: Parameters<typeof part>[0] = {}) => ({
  Date: { element: day, data: [20_545, 20_545, 20_546] },
  CostInBillingCurrency: { element: decimal, data: [1n, -12_500_000_000_000n, 123_456_789_012_345_678_901_234n] },
  MeterCategory: { element: utf8, data: ['Storage', null, 'Stórage'] },
  BillingCurrency: { element: utf8, data: ['USD', 'USD', 'EUR'] },
  SubscriptionId: { element: utf8, data: ['S1', 's1', 's2'] },
  ...changes,
});

describe('a Parquet cost file', () => {
  it('gives the records that the same rows give as CSV', async () => {
    const csv = [
      'Date,CostInBillingCurrency,MeterCategory,BillingCurrency,SubscriptionId',
      '2026-04-02,0.000000000001,Storage,USD,S1',
      '2026-04-02,-12.500000000000,,USD,s1',
      '2026-04-03,123456789012.345678901234,Stórage,EUR,s2',
    ].join('\n');
    const expected = await readAll(fileOf(Buffer.from(csv), 'part_0_0001.csv'), 'actual');
    expect(expected).toHaveLength(3);
    expect(await readAll(fileOf(part(usual())), 'actual')).toEqual(expected);
  });

  it.each(['snappy-dictionary-int96', 'gzip-plain-v2', 'zstd-delta', 'checksum', 'checksum-v2'])(
    'of Apache Arrow is read: %s',
    async (name) => {
      const amounts = [
        '0.000000000001',
        '-12.5',
        '123456789012345.123456789012',
        '99999999999999999999999999.999999999999',
      ];
      const records = await readAll(fileOf(fixture(name)));
      expect(records).toHaveLength(40);
      for (const [index, record] of records.entries()) {
        expect(canonicalDecimal(record.cost!)).toBe(amounts[index % 4]);
        expect(record).toMatchObject({
          day: `2026-04-${String(1 + (index % 30)).padStart(2, '0')}`,
          amortizedCost: ['0.1', '1e-7', '-2.5', '0.30000000000000004'][index % 4],
          subscriptionId: `s${index % 3}`,
          resourceGroup: index % 3 === 0 ? null : `rg-${index % 5}`,
          serviceName: 'Ströme 日本',
        });
      }
    },
  );

  it.each([
    ['UINT_32', 'INT32', { converted_type: 'UINT_32' }, [0, 1, 4_294_967_295]],
    ['UINT_64', 'INT64', { converted_type: 'UINT_64' }, [0n, 1n, 2n ** 64n - 1n]],
    [
      'INTEGER of 32 bits',
      'INT32',
      { logical_type: { type: 'INTEGER', bitWidth: 32, isSigned: false } },
      [0, 1, 4_294_967_295],
    ],
    [
      'INTEGER of 64 bits',
      'INT64',
      { logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } },
      [0n, 1n, 2n ** 64n - 1n],
    ],
    [
      'signed INTEGER',
      'INT64',
      { logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: true } },
      [0n, -1n, 2n ** 63n - 1n],
    ],
  ] as const)('gives whole numbers as they are meant: %s', async (_, type, meaning, data) => {
    const element = (name: string): SchemaElement => ({ name, type, repetition_type: 'OPTIONAL', ...meaning });
    const records = await readAll(
      fileOf(part(usual({ CostInBillingCurrency: { element, data: [...data] } }))),
      'actual',
    );
    expect(records.map(({ cost }) => cost)).toEqual(data.map(String));
  });

  it('reads the needed columns alone, and no more of them than it works on', async () => {
    const bytes = part(usual({ Tags: { element: utf8, data: ['x'.repeat(50_000), 'y'.repeat(50_000), null] } }));
    let taken = 0;
    const file = fileOf(bytes);
    const counted = { ...file, read: (from: number, to: number) => ((taken += to - from), file.read(from, to)) };
    await readAll(counted, 'actual');
    expect(taken).toBeLessThan(bytes.length - 1_000);
  });

  it('names row, column and value of what it cannot read', async () => {
    const notANumber = { CostInBillingCurrency: { element: double, data: [1, Number.NaN, 2] } };
    expect(await refusal(part(usual(notANumber)))).toBe(
      'part_0_0001.snappy.parquet, row 2, column CostInBillingCurrency: "NaN" is not a decimal number.',
    );
    const missing = { CostInBillingCurrency: { element: decimal, data: [1n, 2n, null] } };
    expect(await refusal(part(usual(missing)))).toContain(
      'row 3, column CostInBillingCurrency: nothing is not a value',
    );
    const { CostInBillingCurrency: _amount, ...without } = usual();
    expect(await refusal(part(without))).toContain('this is neither a FOCUS file');
  });

  it.each(['checksum', 'checksum-v2'])('is refused when a bit of a page has changed: %s', async (name) => {
    const whole = fixture(name);
    const { row_groups } = parquetMetadata(new Uint8Array(whole).buffer);
    const lastBytes = row_groups.flatMap(({ columns }) =>
      columns.flatMap(({ meta_data }) => {
        const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size } = meta_data!;
        const end = Number(dictionary ?? data) + Number(total_compressed_size);
        return dictionary === undefined ? [end - 1] : [Number(data) - 1, end - 1];
      }),
    );
    expect(lastBytes).toHaveLength(24);
    for (const at of lastBytes) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      expect(await refusal(changed), String(at)).toBe(
        'part_0_0001.snappy.parquet: the Parquet data is damaged or cut off (a page does not match its checksum); fetch the file again.',
      );
    }
  });

  it('is refused when it is cut off, wherever, or not Parquet at all', async () => {
    const whole = part(usual());
    for (let length = 4; length < whole.length; length += 7)
      expect(await refusal(whole.subarray(0, length)), String(length)).toMatch(/damaged or cut off/);
    const wrongEnd = Buffer.from(whole).fill('X', whole.length - 4);
    expect(await refusal(wrongEnd)).toContain('it does not end in PAR1');
    const longFooter = Buffer.from(whole);
    longFooter.writeUInt32LE(0x7fffffff, whole.length - 8);
    expect(await refusal(longFooter)).toContain('its footer is longer than the file');
    expect(await refusal(Buffer.from('PARQUET? no'))).toContain('this is neither a FOCUS file');
  });
});
