import type { ListPage, ListRequest } from '#db/list.js';

const DEFAULT_PAGE_SIZE = 50;

interface ListQuery {
  page?: number;
  page_size?: number;
  cursor?: string;
  sort?: string;
}

/** Splits a validated query into what the list needs and the filters that are left. */
export function splitListQuery<Query extends ListQuery>(
  query: Query,
): { request: ListRequest; filter: Omit<Query, keyof ListQuery> } {
  const { page, page_size, cursor, sort, ...filter } = query;
  return { request: { page, pageSize: page_size ?? DEFAULT_PAGE_SIZE, cursor, sort }, filter };
}

/** The wire form of a page: `{items, page, page_size, total, total_pages, next_cursor}`. */
export function listEnvelope<Item>(list: ListPage<Item>) {
  return {
    items: list.items,
    page: list.page,
    page_size: list.pageSize,
    total: list.total,
    total_pages: list.total === null ? null : Math.ceil(list.total / list.pageSize),
    next_cursor: list.nextCursor,
  };
}
