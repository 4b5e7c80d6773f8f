/** Where in a query a parser failure lies; line is 1-based, the column 0-based. */
export interface QueryPosition {
  readonly line: number;
  readonly column: number;
  readonly token: string;
}

/** A query that cannot be evaluated: a syntax error with its position, or something that is not supported. */
export class QueryError extends Error {
  constructor(
    message: string,
    readonly position?: QueryPosition,
  ) {
    super(message);
  }
}
