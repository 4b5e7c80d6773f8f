/** What a query is for: to know what exists, to find what is wasted, oversized, or against the rules. */
export const QUERY_FAMILIES = ['inventory', 'waste', 'rightsizing', 'governance'] as const;
export type QueryFamily = (typeof QUERY_FAMILIES)[number];

/** A Resource Graph query under the name it is asked for by. Every row has an `id`, and rows come ordered by it. */
export interface ResourceGraphQuery {
  /** Lower-case letters, digits and hyphens; the same as the file's name. */
  readonly name: string;
  readonly title: string;
  /** What a row means and what the query leaves out on purpose. */
  readonly finds: string;
  readonly family: QueryFamily;
  readonly kql: string;
}

/**
 * A query's text: the table and its operators, and the order every query needs. `id` must be projected because Resource
 * Graph gives no continuation token without it, and ordered by because its token is an offset: without a unique order,
 * pages would repeat and skip rows.
 */
export function pipe(table: string, ...operators: readonly string[]): string {
  return [table, ...operators, 'order by id asc'].join('\n| ');
}
