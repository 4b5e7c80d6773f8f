import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createParamDecorator, StreamableFile, type ExecutionContext, type OnModuleDestroy } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError, OverloadedError } from '#core/errors.js';
import type { Logger } from '#core/logger.js';

const CSV_TYPE = 'text/csv; charset=utf-8; header=present';
/** Marks a route in the OpenAPI document as one that can answer with CSV. */
export const CSV_EXTENSION = 'x-csv';

/**
 * The response to a request that prefers `text/csv` to JSON; undefined for any other. Not Fastify's reply, for which Nest
 * would wait as for a promise.
 */
export const CsvWanted = createParamDecorator((_: unknown, context: ExecutionContext): ServerResponse | undefined => {
  const http = context.switchToHttp();
  const { accept } = http.getRequest<FastifyRequest>().headers;
  return prefersCsv(accept) ? http.getResponse<FastifyReply>().raw : undefined;
});

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

export interface CsvFile<Row> {
  correlationId: string;
  name: string;
  columns: readonly (keyof Row & string)[];
  /** The validated list query: paging makes no sense for a file of everything and is refused. */
  query: { page?: number; page_size?: number; cursor?: string };
  /** Every row in parts; nothing is read before the first is asked for. */
  rows: AsyncGenerator<Row[], void>;
}

export interface CsvLimits {
  /** Files on their way; each holds one of the connections that all requests share. */
  atOnce: number;
  /** A reader that takes nothing for so long is cut. */
  stallMs: number;
  /** So is one that is not done after that. */
  longestMs: number;
  /** Files on their way when the process is told to stop have so long. */
  drainMs: number;
}

const LIMITS: CsvLimits = { atOnce: 3, stallMs: 30_000, longestMs: 3_600_000, drainMs: 20_000 };

/**
 * Every row of a list as a streamed file of one state of the database: rows are read as fast as the reader takes them, so
 * memory stays constant. What fails before the first row is answered as usual; a file that ends before its last row ends
 * with a reset of the connection, because the end of a connection is the end of the file to readers of HTTP/1.0.
 */
export class CsvFiles implements OnModuleDestroy {
  private readonly limits: CsvLimits;
  private readonly cuts = new Set<(reason: Error) => void>();
  private open = 0;

  constructor(
    private readonly logger: Logger,
    limits: Partial<CsvLimits> = {},
  ) {
    this.limits = { ...LIMITS, ...limits };
  }

  /** The answer of a route. Throws `InvalidInputError` where a page is asked for, `OverloadedError` when too many are read. */
  async answer<Row extends object>(response: ServerResponse, file: CsvFile<Row>): Promise<StreamableFile> {
    refusePaging(file.query);
    const about = { type: CSV_TYPE, disposition: `attachment; filename="${file.name}"` };
    if (response.req.method === 'HEAD') return new StreamableFile(Readable.from([]), about);
    if (this.open >= this.limits.atOnce) {
      throw new OverloadedError(
        `${this.limits.atOnce} CSV files are being read already, as many as there may be at once. ` +
          'Try again in a moment, or ask for JSON, which comes page by page.',
      );
    }
    this.open += 1;
    try {
      const first = await file.rows.next();
      return new StreamableFile(this.stream(response, file, first.value ?? []), about);
    } catch (error) {
      this.open -= 1;
      throw error;
    }
  }

  /** Cut in time, lest the end of the process end files like any that is whole. */
  onModuleDestroy(): void {
    setTimeout(() => {
      for (const cut of this.cuts) cut(new Error('The process is stopping.'));
    }, this.limits.drainMs).unref();
  }

  private stream<Row extends object>(response: ServerResponse, file: CsvFile<Row>, first: Row[]): Readable {
    const { stallMs, longestMs } = this.limits;
    const stream = Readable.from(lines(file, first), { objectMode: false, highWaterMark: 64 * 1024 });
    const { socket } = response.req;
    // Requests that tests inject have none.
    const reset = () => (socket instanceof Socket ? socket.resetAndDestroy() : undefined);
    const cut = (reason: Error) => {
      reset();
      stream.destroy(reason);
    };
    this.cuts.add(cut);
    const longest = setTimeout(() => cut(new Error(`The file was not taken within ${longestMs} ms.`)), longestMs);
    if (socket instanceof Socket) {
      response.setTimeout(stallMs, () => cut(new Error(`The reader took nothing for ${stallMs} ms.`)));
    }
    stream.once('error', (error) => {
      reset();
      const about = { operation_name: 'csv', correlation_id: file.correlationId, err: error };
      this.logger.error(about, 'CSV answer cut short');
    });
    stream.once('close', () => {
      this.cuts.delete(cut);
      clearTimeout(longest);
      // A stream that nobody read has not begun its lines, whose end would be that of the rows.
      void file.rows.return().finally(() => (this.open -= 1));
    });
    return stream;
  }
}

function refusePaging(query: CsvFile<object>['query']): void {
  const paging = (['page', 'page_size', 'cursor'] as const).filter((name) => query[name] !== undefined);
  if (paging.length === 0) return;
  throw new InvalidInputError(
    'A CSV answer holds every row of the filter; leave the paging parameters out, or ask for JSON.',
    paging.map((field) => ({ field, message: 'cannot be combined with Accept: text/csv' })),
  );
}

async function* lines<Row extends object>(
  { columns, rows }: CsvFile<Row>,
  first: readonly Row[],
): AsyncGenerator<Buffer, void> {
  const text = (part: readonly Row[]) => part.map((row) => csvLine(columns.map((column) => row[column]))).join('');
  yield Buffer.from(csvLine(columns) + text(first));
  for await (const part of rows) if (part.length > 0) yield Buffer.from(text(part));
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
