import { parquetMetadata, parquetSchema, type FileMetaData, type RowGroup, type SchemaTree } from 'hyparquet';
import { InvalidInputError } from '#core/errors.js';
import type { RandomAccessFile } from '#core/file-folder.js';
import { ColumnPages } from './parquet-column.js';

/** Some rows of the wanted columns, in the order in which they were asked for; to be read before the next ones. */
interface ParquetRows {
  length: number;
  columns: readonly Pick<ColumnPages, 'value'>[];
}

/** A Parquet file whose values are read as text. */
interface ParquetTable {
  columns: readonly string[];
  rows: number;
  /** Rows of the columns at these places. Holds a row group's compressed columns and one page of each. */
  read(places: readonly number[]): AsyncGenerator<ParquetRows>;
}

const TAIL_BYTES = 8;
const MAGIC = Buffer.from('PAR1');

/** Opens a Parquet file; throws `InvalidInputError` when it is damaged or cut off. */
export async function openParquet(file: RandomAccessFile): Promise<ParquetTable> {
  const metadata = await readMetadata(file);
  const fields = parquetSchema(metadata).children;
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (rows !== Number(metadata.num_rows)) throw damaged(file, 'its groups have other rows than the whole');
  return {
    columns: fields.map(({ element }) => element.name),
    rows,
    read: (places) =>
      readRows(
        file,
        metadata,
        places.map((place) => fields[place]!),
      ),
  };
}

async function readMetadata(file: RandomAccessFile): Promise<FileMetaData> {
  const tail = Buffer.from(await file.read(Math.max(0, file.bytes - TAIL_BYTES), file.bytes));
  if (tail.length < TAIL_BYTES || !tail.subarray(4).equals(MAGIC)) throw damaged(file, 'it does not end in PAR1');
  const from = file.bytes - TAIL_BYTES - tail.readUInt32LE(0);
  if (from < MAGIC.length) throw damaged(file, 'its footer is longer than the file');
  const footer = await file.read(from, file.bytes);
  return decoding(file, () => parquetMetadata(bufferOf(footer), { geoparquet: false }));
}

async function* readRows(
  file: RandomAccessFile,
  metadata: FileMetaData,
  fields: readonly SchemaTree[],
): AsyncGenerator<ParquetRows> {
  const root = parquetSchema(metadata);
  for (const group of metadata.row_groups) {
    const columns: ColumnPages[] = [];
    for (const field of fields) columns.push(await openColumn(file, group, root, field));
    let left = Number(group.num_rows);
    while (left > 0) {
      const length = Math.min(left, ...columns.map((column) => decoding(file, () => column.available())));
      if (length === 0) throw damaged(file, `${left} rows are missing`);
      yield { length, columns };
      for (const column of columns) column.skip(length);
      left -= length;
    }
  }
}

async function openColumn(
  file: RandomAccessFile,
  group: RowGroup,
  root: SchemaTree,
  field: SchemaTree,
): Promise<ColumnPages> {
  const { name } = field.element;
  const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data;
  if (!chunk || field.children.length > 0 || field.element.repetition_type === 'REPEATED')
    throw new InvalidInputError(`${file.name}: the column ${name} does not hold single values.`);
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = chunk;
  const from = Number(dictionary && dictionary < data ? dictionary : data);
  const to = from + Number(size);
  if (!(from >= MAGIC.length && to > from && to <= file.bytes)) throw damaged(file, `the column ${name} lies outside`);
  return new ColumnPages(bufferOf(await file.read(from, to)), chunk, [root, field], Number(group.num_rows));
}

/** hyparquet throws plain errors, and range errors of views, for bytes that are not what they should be. */
function decoding<T>(file: RandomAccessFile, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw damaged(file, (error as Error).message);
  }
}

function damaged({ name }: RandomAccessFile, reason: string): InvalidInputError {
  return new InvalidInputError(`${name}: the Parquet data is damaged or cut off (${reason}); fetch the file again.`);
}

/** Its own buffer: a `Buffer` may lie in a pool with others. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
