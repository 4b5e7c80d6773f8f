import { safeUrl } from '#core/logger.js';
import { IncompleteReadError, SourceRejectedError } from '#core/errors.js';

/** Far beyond any real answer (5,000 rows × 10,000 pages); it bounds a source that never stops paging. */
const MAX_PAGES = 10_000;

/**
 * Throws `SourceRejectedError` unless `url` has the scheme, host and port of `endpoint`: whoever follows a link sends
 * the bearer token along, so a foreign link would give it away.
 */
export function requireSameOrigin(url: string, endpoint: string): URL {
  if (!URL.canParse(url) || new URL(url).origin !== new URL(endpoint).origin) {
    throw new SourceRejectedError(
      `Azure named ${safeUrl(url)} as the next page, which is not on ${new URL(endpoint).origin}.`,
      'Check AZURE_RESOURCE_MANAGER_URL (for prices AZURE_RETAIL_PRICES_URL) and any proxy that rewrites answers: ' +
        'links must stay on the same host.',
    );
  }
  return new URL(url);
}

/** Watches one paged read: links must stay on the endpoint, must not repeat, and must end some day. */
export class PagingGuard {
  readonly #seen = new Set<string>();

  constructor(
    private readonly endpoint: string,
    private readonly maxPages = MAX_PAGES,
  ) {}

  /** The link to follow, or null at the end. Throws `SourceRejectedError` or `IncompleteReadError`. */
  nextLink(link: unknown): string | null {
    if (link === undefined || link === null || link === '') return null;
    if (typeof link !== 'string') throw incomplete('the link to the next page is not text');
    // What is no URL leads nowhere, and may be a broken answer; one that leads elsewhere is followed by nobody.
    if (!URL.canParse(link)) throw incomplete('the link to the next page is no URL');
    const url = requireSameOrigin(link, this.endpoint);
    const token = [...url.searchParams].find(([name]) => /^\$?skiptoken$/i.test(name))?.[1];
    this.#remember(token === undefined ? url.href : `token ${token}`);
    return link;
  }

  /** The continuation token to send, or null at the end. Throws `IncompleteReadError`. */
  nextToken(token: unknown): string | null {
    if (token === undefined || token === null || token === '') return null;
    if (typeof token !== 'string') throw incomplete('the continuation token is not text');
    this.#remember(`token ${token}`);
    return token;
  }

  #remember(page: string): void {
    if (this.#seen.has(page)) throw incomplete('the same next page was named twice');
    this.#seen.add(page);
    if (this.#seen.size >= this.maxPages) throw incomplete(`there are more than ${this.maxPages} pages`);
  }
}

function incomplete(reason: string): IncompleteReadError {
  return new IncompleteReadError(
    `Paging cannot be followed to its end: ${reason}.`,
    'Nothing to do at once: the window is tried again.',
  );
}

/** The name under which page `number` (from 1) of a paged answer is kept. */
export function pageLabel(label: string, number: number): string {
  return `${label}-${String(number).padStart(4, '0')}`;
}
