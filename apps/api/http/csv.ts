import { Readable } from 'node:stream';
import { createParamDecorator, StreamableFile, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '#core/errors.js';
import type { Logger } from '#core/logger.js';
import type { ListPage, ListRequest } from '#db/list.js';

const PAGE_ROWS = 1_000;
const CSV_TYPE = 'text/csv; charset=utf-8; header=present';
/** Marks a route in the OpenAPI document as one that can answer with CSV. */
export const CSV_EXTENSION = 'x-csv';

/** True when the request prefers `text/csv` to JSON. */
export const CsvWanted = createParamDecorator((_: unknown, context: ExecutionContext): boolean =>
  prefersCsv(context.switchToHttp().getRequest<FastifyRequest>().headers.accept),
);

/** Documents that `Accept: text/csv` is understood. */
export const AlsoAsCsv = () => ApiExtension(CSV_EXTENSION, true);

/** CSV must be named; wildcards, and whatever we do not have, mean JSON. Equal weights: the first one named. */
export function prefersCsv(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return { type, weight };
  });
  const csv = ranges.findIndex(({ type }) => type === 'text/csv');
  const json = ranges.findIndex(({ type }) => type === 'application/json');
  if (csv < 0 || !(ranges[csv]!.weight > 0)) return false;
  if (json < 0) return true;
  const difference = ranges[csv]!.weight - ranges[json]!.weight;
  return difference > 0 || (difference === 0 && csv < json);
}

/** Logs what cut a file short: its reader only sees the connection end. */
export function csvFailure(logger: Logger, correlationId: string): (error: unknown) => void {
  return (error) =>
    logger.error({ operation_name: 'csv', correlation_id: correlationId, err: error }, 'CSV answer cut short');
}

export interface CsvFile<Row> {
  name: string;
  columns: readonly (keyof Row & string)[];
  /** The validated list query: paging makes no sense for a file of everything and is refused. */
  query: { page?: number; page_size?: number; cursor?: string; sort?: string };
  read: (request: ListRequest) => Promise<ListPage<Row>>;
  /** Told of an error after the first rows are on their way; the connection is cut then. */
  onFailure: (error: unknown) => void;
}

/**
 * Every row of a list as a streamed file: pages are read by cursor as fast as the reader takes them, so memory stays
 * constant and no connection to the database waits for a slow reader. An error of the first page is answered as usual;
 * a later one cuts the connection, so that a part never looks like the whole.
 */
export async function csvFile<Row extends object>(file: CsvFile<Row>): Promise<StreamableFile> {
  const paging = (['page', 'page_size', 'cursor'] as const).filter((name) => file.query[name] !== undefined);
  if (paging.length > 0) {
    throw new InvalidInputError(
      'A CSV answer holds every row of the filter; leave the paging parameters out, or ask for JSON.',
      paging.map((field) => ({ field, message: 'cannot be combined with Accept: text/csv' })),
    );
  }
  const request: ListRequest = { pageSize: PAGE_ROWS, sort: file.query.sort, counted: false };
  const first = await file.read(request);
  const stream = Readable.from(pages(file, request, first), { objectMode: false, highWaterMark: 64 * 1024 });
  return new StreamableFile(stream, { type: CSV_TYPE, disposition: `attachment; filename="${file.name}"` });
}

async function* pages<Row extends object>(
  { columns, read, onFailure }: CsvFile<Row>,
  request: ListRequest,
  first: ListPage<Row>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(csvLine(columns));
  try {
    for (let page = first; ; page = await read({ ...request, cursor: page.nextCursor })) {
      const text = page.items.map((row) => csvLine(columns.map((column) => row[column]))).join('');
      if (text) yield Buffer.from(text);
      if (page.nextCursor === null) return;
    }
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

/** One record as RFC 4180 writes it, CRLF included. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

const NUMBER = /^-?\d+(\.\d+)?$/;
/** What a spreadsheet takes for a formula. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** Null is empty and an empty text is `""`; objects are JSON; a formula gets an apostrophe before it. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text =
    value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
