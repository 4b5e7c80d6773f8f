import { z } from 'zod';
import { isDay } from '#core/day.js';

/** Text that PostgreSQL can hold: no NUL character, no half of a surrogate pair; `max` characters at most. */
export const text = (max = 256) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must not contain NUL or broken characters');

/** A day of an answer. */
export const day = z
  .string()
  .refine(isDay, 'must be a day as YYYY-MM-DD')
  .meta({ format: 'date', example: '2026-11-01' });
const EARLIEST = '1900-01-01';
const LATEST = '2199-12-31';
/** A day that a caller gives; the bounds keep every day computed from it within what PostgreSQL calls a date. */
export const givenDay = day.refine(
  (value) => value >= EARLIEST && value <= LATEST,
  `must lie between ${EARLIEST} and ${LATEST}`,
);
export const uuid = z.guid('must be a UUID').transform((value) => value.toLowerCase());
/** The filter that every tenant-scoped list has. */
export const tenantFilter = uuid.optional().describe('AzCops’ own id of the tenant');
/** One of a list of words; the message names them. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}`);
/** What the contract shows for a decimal: no exponent, no trailing zeros. */
export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d*[1-9])?$/)
  .meta({ example: '1234.5678' });
export const timestamp = z.iso.datetime('must be an instant in UTC such as 2026-11-01T06:00:00Z');

/** An integer in a query string: digits only, so that `1e3` and `0x10` are refused. */
const integer = (minimum: number, maximum: number, message: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message)
    .meta({ type: 'integer', minimum, maximum });

/** The query parameters of every list. */
const listQuery = {
  page: integer(1, 1_000_000, 'must be a whole number from 1 to 1000000')
    .optional()
    .describe('Page to show, from 1 (default); large pages cost time, a cursor does not'),
  page_size: integer(1, 500, 'must be a whole number from 1 to 500').optional().describe('Items per page, default 50'),
  cursor: text(4_000)
    .optional()
    .describe('next_cursor of the page before, with the same filters and sort; excludes page'),
};

/**
 * A strict list query: unknown parameters are refused, and so are `page` and `cursor` together.
 * `sortable` documents what the list can be sorted by; the list itself checks it.
 */
export function listQuerySchema<Shape extends z.ZodRawShape>(filters: Shape, sortable: string) {
  const sort = text(64).optional().describe(`Field to sort by, -field for descending: ${sortable}`);
  return z
    .strictObject({ ...filters, ...listQuery, sort })
    .refine(
      (query) => !('page' in query && query.page !== undefined && 'cursor' in query && query.cursor !== undefined),
      {
        path: ['cursor'],
        message: 'cannot be combined with page',
      },
    );
}

/** Adds `from` ≤ `to` to a query that has both. */
export function orderedDays<Schema extends z.ZodType<{ from?: string; to?: string }>>(schema: Schema) {
  return schema.refine(({ from, to }) => !from || !to || from <= to, {
    path: ['to'],
    message: 'must not be before from',
  });
}

/** The envelope of every list. `total` is exact, or null when counting would take too long. */
export function listResponse<Item extends z.ZodType>(id: string, item: Item) {
  return z
    .object({
      items: z.array(item),
      page: z.number().int().nullable().describe('Null when continued by cursor'),
      page_size: z.number().int(),
      total: z.number().int().nullable().describe('Exact; null when counting would take too long'),
      total_pages: z.number().int().nullable(),
      next_cursor: z.string().nullable().describe('Continues the list; null at its end'),
    })
    .meta({ id });
}

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })),
    correlation_id: z.string(),
  })
  .meta({ id: 'Problem' });
