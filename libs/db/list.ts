import { createHash } from 'node:crypto';
import { InvalidInputError } from '#core/errors.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Statement } from './database.js';

/** What a reader asks of any list. `page` and `cursor` exclude each other. */
export interface ListRequest {
  page?: number;
  pageSize: number;
  cursor?: string;
  /** A sortable field, `-field` for descending. */
  sort?: string;
  /** False spares the count of a walk that shows no total; `total` is then null. */
  counted?: boolean;
}

export interface ListPage<Item> {
  items: Item[];
  /** Null when the list is continued by cursor. */
  page: number | null;
  pageSize: number;
  /** Exact; null when counting would outlast the statement timeout. */
  total: number | null;
  nextCursor: string | null;
}

/** A column to sort by. `expression` must never be null; `type` is its PostgreSQL type, used to bind cursor values. */
export interface SortColumn {
  expression: string;
  type: string;
}

/** How a list may be sorted. */
export interface Sorting {
  sortable: Record<string, SortColumn>;
  /** Field used when none is asked, with `-` for descending. */
  defaultSort: string;
  /** Makes the order total, so that a cursor continues exactly where the page ended. */
  tieBreakers: readonly SortColumn[];
}

/** A list as SQL: where it comes from, what it shows, how it may be sorted. */
export interface ListSource extends Sorting {
  columns: string;
  from: string;
  /** Answers `total` sooner than counting what the list is made of. */
  count?: Statement;
  /** Making the list is the work, not reading it: page and `total` are taken from it at once. */
  isMadeOnce?: boolean;
}

/**
 * The present, or an instant reckoned from it, as a bound value. It differs from page to page of one walk, so a filter
 * in which it stands is the same filter a moment later.
 */
export class Present {
  constructor(private readonly instant: Date) {}

  toPostgres(): Date {
    return this.instant;
  }

  toJSON(): string {
    return 'present';
  }
}

/** Collects conditions and their bound values; no value ever becomes SQL text. */
export class Conditions {
  private readonly parts: string[] = [];

  /** `values` and `inner` are given when a sub-select's conditions have been written already. */
  constructor(
    readonly values: unknown[] = [],
    private readonly inner = '',
  ) {}

  /** Adds `sql` with each `?` bound to the next value, unless the first value is undefined. */
  add(sql: string, ...values: unknown[]): this {
    if (values.length > 0 && values[0] === undefined) return this;
    let index = 0;
    this.parts.push(sql.replace(/\?/g, () => this.bind(values[index++])));
    return this;
  }

  /**
   * Only rows of the scope. Row-level security sees to that anyway, but behind an OR for those who see all tenants, for
   * which PostgreSQL takes no index.
   */
  within(scope: TenantScope, column: string): this {
    if (scope.kind === 'all') return this;
    return this.add(`${column} = (SELECT nullif(current_setting('azcops.tenant_id', true), '')::uuid)`);
  }

  bind(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** `WHERE …`, or nothing. */
  get where(): string {
    return this.parts.length > 0 ? `WHERE ${this.parts.join(' AND ')}` : '';
  }

  /** Conditions around a sub-select that these were written into; bound values go on counting. */
  around(subSelect: string): Conditions {
    return new Conditions(this.values, subSelect);
  }

  /** Identifies the filter and who asks, so that a cursor cannot continue another list. */
  fingerprint(scope: TenantScope): string {
    return createHash('sha256')
      .update(JSON.stringify([scope, this.inner, this.parts, this.values]))
      .digest('base64url')
      .slice(0, 16);
  }
}

interface Cursor {
  /** Fingerprint of scope, filter and sort. */
  f: string;
  /** Sort values of the last row. */
  v: (string | null)[];
  /** Total, counted once. */
  t: number | null;
}

/** The order that is asked for. */
export interface Order {
  /** The sort field with its sign. */
  sort: string;
  /** What rows are compared by, the field first. */
  columns: [SortColumn, ...SortColumn[]];
  direction: 'ASC' | 'DESC';
  /** What follows ORDER BY. */
  sql: string;
}

/** What a list is sorted by when `sort` is asked. Throws `InvalidInputError` for an unknown field. */
export function orderOf({ sortable, defaultSort, tieBreakers }: Sorting, sort = defaultSort): Order {
  const field = sort.replace(/^-/, '');
  // Own members only: "constructor" is a field of every object.
  const column = Object.hasOwn(sortable, field) ? sortable[field] : undefined;
  if (!column) {
    throw new InvalidInputError(`Cannot sort by ${sort}.`, [
      { field: 'sort', message: `must be one of ${Object.keys(sortable).join(', ')}, or -field` },
    ]);
  }
  const columns: Order['columns'] = [
    column,
    ...tieBreakers.filter(({ expression }) => expression !== column.expression),
  ];
  const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
  return { sort, columns, direction, sql: columns.map(({ expression }) => `${expression} ${direction}`).join(', ') };
}

/**
 * Reads one page of a list. The total is counted once and travels in the cursor; a cursor costs no offset.
 * Throws `InvalidInputError` for an unknown sort field or a cursor that does not belong to this list.
 */
export async function readList<Item extends object>(
  database: Database,
  scope: TenantScope,
  source: ListSource,
  conditions: Conditions,
  request: ListRequest,
): Promise<ListPage<Item>> {
  const { sort, columns: order, direction, sql: orderBy } = orderOf(source, request.sort);
  const fingerprint = `${conditions.fingerprint(scope)}.${sort}`;
  const cursor = request.cursor === undefined ? null : decodeCursor(request.cursor, fingerprint, order.length);

  // Before the page's own values are bound.
  const counting = source.count ?? {
    sql: `SELECT count(*) AS total FROM ${source.from} ${conditions.where}`,
    values: [...conditions.values],
  };

  if (cursor) {
    const left = order.map(({ expression }) => expression).join(', ');
    const right = order.map(({ type }, index) => `${conditions.bind(cursor.v[index])}::${type}`).join(', ');
    const beyond = direction === 'ASC' ? '>' : '<';
    conditions.add(`(${left}) ${beyond} (${right})`);
    // Follows from the line above, but only this form lets PostgreSQL skip partitions.
    const [{ expression, type }] = order;
    conditions.add(`${expression} ${beyond}= ${conditions.bind(cursor.v[0])}::${type}`);
  }
  const number = request.page ?? 1;
  const offset = cursor ? '' : `OFFSET ${conditions.bind((number - 1) * request.pageSize)}`;
  const isCounted = !cursor && request.counted !== false;
  // Of a later page nothing may be left that could carry the total.
  const isCountedAlong = isCounted && source.isMadeOnce === true && number === 1;
  const listed = `${source.from} ${conditions.where}`;
  const shown = `${source.columns}, json_build_array(${order.map(({ expression }) => `(${expression})::text`).join(', ')})::text AS sort_values`;
  const sql = `${
    isCountedAlong
      ? `WITH list AS MATERIALIZED (SELECT * FROM ${listed}) SELECT ${shown}, (SELECT count(*) FROM list) AS total FROM list`
      : `SELECT ${shown} FROM ${listed}`
  }
    ORDER BY ${orderBy}
    LIMIT ${conditions.bind(request.pageSize + 1)} ${offset}`;
  const page: Statement = { sql, values: conditions.values };
  const [rows, counts] = await database
    .queries<[Listed<Item>, { total: string }]>(
      scope,
      (isCounted && !isCountedAlong ? [page, { ...counting, mayTimeOut: true }] : [page]) as [Statement, Statement],
    )
    .catch((error: unknown) => {
      throw cursor && isDataError(error) ? cursorProblem('is not a cursor of this API') : error;
    });
  const counted = isCountedAlong ? (rows[0]?.total ?? '0') : counts?.[0]?.total;
  const total = cursor ? cursor.t : counted === undefined ? null : Number(counted);
  const items = rows.slice(0, request.pageSize);
  const last = items.at(-1)?.sort_values;
  // Not deleted: rows that keep one shape are written as JSON sooner.
  for (const item of items) {
    item.sort_values = undefined;
    if (isCountedAlong) item.total = undefined;
  }
  return {
    items,
    page: cursor ? null : number,
    pageSize: request.pageSize,
    total,
    nextCursor:
      rows.length > request.pageSize && last
        ? encodeCursor({ f: fingerprint, v: JSON.parse(last) as Cursor['v'], t: total })
        : null,
  };
}

/**
 * Every row of a list in parts, as they are asked for, all of one state of the database; see `Database.parts`.
 * Throws `InvalidInputError` for an unknown sort field, before anything is read.
 */
export function readAll<Item extends object>(
  database: Database,
  scope: TenantScope,
  source: ListSource,
  conditions: Conditions,
  sort?: string,
): AsyncGenerator<Item[], void> {
  const sql = `SELECT ${source.columns} FROM ${source.from} ${conditions.where} ORDER BY ${orderOf(source, sort).sql}`;
  return database.parts<Item>(scope, { sql, values: conditions.values });
}

/** A row with what a cursor goes on from, as JSON, because only the last row's is read. */
type Listed<Item> = Item & { sort_values?: string; total?: string };

/** PostgreSQL could not read a value as the type that it stands for. */
function isDataError(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('22');
}

/** The ILIKE pattern of "contains `text`", in which `%` and `_` mean themselves; undefined for no text. */
export function containing(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function decodeCursor(text: string, fingerprint: string, width: number): Cursor {
  let cursor: Partial<Cursor> | null;
  try {
    cursor = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Partial<Cursor> | null;
  } catch {
    throw cursorProblem('is not a cursor of this API');
  }
  const wellFormed =
    Array.isArray(cursor?.v) &&
    cursor.v.length === width &&
    cursor.v.every((value) => value === null || typeof value === 'string') &&
    (cursor.t === null || (Number.isSafeInteger(cursor.t) && cursor.t! >= 0));
  if (!wellFormed) throw cursorProblem('is not a cursor of this API');
  if (cursor!.f !== fingerprint)
    throw cursorProblem('belongs to a list of another caller, with other filters or in another order');
  return cursor as Cursor;
}

function cursorProblem(message: string): InvalidInputError {
  return new InvalidInputError('The cursor cannot be used. Begin again without one.', [{ field: 'cursor', message }]);
}
