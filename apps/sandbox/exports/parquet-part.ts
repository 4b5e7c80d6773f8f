import { ParquetWriter, fileWriter, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import { AMOUNT_DIGITS } from '../estate/amount.js';
import { nothing, type ExportColumn, type ExportDialect } from './export-columns.js';
import type { ExportRow } from './export-rows.js';
import type { PartWriter } from './part-writer.js';

const GROUP_ROWS = 20_000;

/** Opens a Parquet part, compressed with Snappy: amounts are decimals, days are instants, everything else is text. */
export function openParquetPart(file: string, { columns }: ExportDialect): PartWriter {
  const root = { name: 'root', num_children: columns.length };
  const schema: SchemaElement[] = [root, ...columns.map(elementOf)];
  const writer = new ParquetWriter({ writer: fileWriter(file), schema, statistics: false });
  let rows: ExportRow[] = [];
  const flush = (): void => {
    if (rows.length === 0) return;
    const absent = rows.map(() => null);
    const columnData = columns.map((column): ColumnSource => {
      const isEmpty = column.kind === 'text' && column.of === nothing;
      return { name: column.name, data: isEmpty ? absent : valuesOf(column, rows), offsetIndex: false };
    });
    void writer.write({ columnData, rowGroupSize: rows.length });
    rows = [];
  };
  return {
    add(row) {
      rows.push(row);
      if (rows.length >= GROUP_ROWS) flush();
    },
    async close() {
      flush();
      await writer.finish();
    },
  };
}

function elementOf({ name, kind }: ExportColumn): SchemaElement {
  const common = { name, repetition_type: 'OPTIONAL' } as const;
  if (kind === 'text') return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  if (kind === 'day') return { ...common, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
  const decimal = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: 38 } as const;
  return { ...common, ...decimal, scale: AMOUNT_DIGITS };
}

function valuesOf(column: ExportColumn, rows: readonly ExportRow[]): unknown[] {
  switch (column.kind) {
    case 'amount':
      return rows.map((row) => row[column.field]);
    case 'day': {
      const instants = new Map(rows.map(({ day }) => [day, 0n]));
      for (const day of instants.keys()) instants.set(day, BigInt(Date.parse(column.of(day))));
      return rows.map(({ day }) => instants.get(day)!);
    }
    case 'text':
      return rows.map(({ source }) => column.of(source) || null);
  }
}
