import { crc32 } from 'node:zlib';
import type { ColumnMetaData, DecodedArray, SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { cellReader, withoutConversion, type CellReader } from './parquet-cell.js';

/** INT96 has no meaning to remove, so its conversion is made one that loses nothing. */
const PARSERS = { ...DEFAULT_PARSERS, timestampFromNanoseconds: (nanoseconds: bigint) => nanoseconds as never };

/**
 * The values of one column of a row group as text, page by page. The column's meaning (decimal, timestamp …) is kept from
 * hyparquet, which would make floats and dates of it; each entry of a dictionary is written as text once.
 */
export class ColumnPages {
  readonly #reader: { view: DataView; offset: number };
  readonly #decoder: Parameters<typeof readPage>[2];
  readonly #read: CellReader;
  #dictionary: (string | null)[] | undefined;
  #page: (string | null)[] = [];
  #at = 0;

  constructor(
    chunk: ArrayBuffer,
    { type, codec }: ColumnMetaData,
    schemaPath: readonly [SchemaTree, SchemaTree],
    /** Of the row group. */
    private readonly rows: number,
  ) {
    const [root, field] = schemaPath;
    const element = withoutConversion(field.element);
    this.#reader = { view: new DataView(chunk), offset: 0 };
    this.#read = cellReader(field.element);
    this.#decoder = {
      pathInSchema: [element.name],
      type,
      codec,
      element,
      schemaPath: [root, { ...field, element }],
      compressors,
      utf8: false,
      parsers: PARSERS,
    };
  }

  /** How many values are left of the current page, or of the next one; none at the column's end. */
  available(): number {
    while (this.#at === this.#page.length && this.#reader.offset < this.#reader.view.byteLength) this.#next();
    return this.#page.length - this.#at;
  }

  /** The value that comes after `index` others of the available ones. */
  value(index: number): string | null {
    return this.#page[this.#at + index] ?? null;
  }

  /** Leaves out the first of the available values. */
  skip(count: number): void {
    this.#at += count;
  }

  #next(): void {
    const header = parquetHeader(this.#reader);
    const values = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const usesDictionary = header.type !== 'DICTIONARY_PAGE' && values?.encoding?.endsWith('_DICTIONARY');
    // Damaged sizes would be believed, and take for ever.
    const sizes = [header.compressed_page_size, header.uncompressed_page_size, values?.num_values ?? -1];
    if (Math.min(...sizes) < 0 || sizes[2]! > this.rows) throw new Error('a page of another size than it can have');
    this.#compare(header.crc, header.compressed_page_size);
    if (usesDictionary && !this.#dictionary) throw new Error('a page without its dictionary');
    const { data = [] } = readPage(this.#reader, header, this.#decoder, this.#dictionary, undefined, 0);
    if (header.type === 'DICTIONARY_PAGE') {
      this.#dictionary = this.#texts(convert(data, this.#decoder));
      return;
    }
    // Values that point into the dictionary are text already.
    this.#page = usesDictionary ? (data as (string | null)[]) : this.#texts(data);
    this.#at = 0;
  }

  /** A flipped bit often decodes, to another amount. Writers may leave the checksum out; it is of a page's bytes as stored. */
  #compare(checksum: number | undefined, bytes: number): void {
    if (checksum === undefined) return;
    const { view, offset } = this.#reader;
    // Parquet stores it as a signed number.
    if (crc32(new Uint8Array(view.buffer, view.byteOffset + offset, bytes)) !== checksum >>> 0)
      throw new Error('a page does not match its checksum');
  }

  #texts(values: DecodedArray): (string | null)[] {
    return Array.from(values as ArrayLike<unknown>, (value) => this.#read(value));
  }
}
