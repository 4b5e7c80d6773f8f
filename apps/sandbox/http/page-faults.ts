import type { SandboxRequest, SandboxResponse } from './exchange.js';
import type { FaultEffect } from './fault.js';
import { type PagedAnswer, graphToken, ownLink } from './paged-answer.js';

/** Where a wrong link leads; `.example` belongs to nobody, and nothing listens there. */
const FOREIGN_HOST = 'https://management.azure.attacker.example';
const GARBAGE = 'not-a-way-on';
/** Pages remembered for being served again. */
const CAPACITY = 200;

/** Rows of recent pages under the key of the page that follows each. */
export class PageMemory {
  private readonly rows = new Map<string, readonly unknown[]>();

  remember({ nextKey, rows }: PagedAnswer): void {
    if (nextKey === undefined) return;
    this.rows.set(nextKey, rows);
    const oldest = this.rows.keys().next();
    if (this.rows.size > CAPACITY && !oldest.done) this.rows.delete(oldest.value);
  }

  /** The rows of the page before this one, if it was served. */
  rowsBefore({ pageKey }: PagedAnswer): readonly unknown[] | undefined {
    return this.rows.get(pageKey);
  }
}

/** Whether a fault of pages can show on this answer; one that cannot waits for another. */
export function fitsPage(
  { nextLink, page }: Pick<FaultEffect, 'nextLink' | 'page'>,
  answer: PagedAnswer,
  memory: PageMemory,
): boolean {
  if (page === 'duplicate') return memory.rowsBefore(answer) !== undefined;
  // A token has no host that could be foreign.
  if (nextLink === 'foreign-host' && !answer.hasLinks) return false;
  return answer.next !== undefined;
}

/** The answer with its rows or its way on falsified. */
export function falsifyPage(
  { nextLink, page }: FaultEffect,
  request: SandboxRequest,
  answer: PagedAnswer,
  memory: PageMemory,
): SandboxResponse {
  if (page === 'duplicate') return answer.with({ rows: memory.rowsBefore(answer) });
  if (page === 'lost') return answer.with({ rows: [] });
  switch (nextLink) {
    case 'foreign-host': {
      const { pathname, search } = new URL(answer.next ?? ownLink(request));
      return answer.with({ next: `${FOREIGN_HOST}${pathname}${search}` });
    }
    case 'loop':
      return answer.with({ next: answer.hasLinks ? ownLink(request) : (graphToken(request) ?? startAgain(answer)) });
    default:
      return answer.with({ next: GARBAGE });
  }
}

/** The token of the first page, which is otherwise asked for without one. */
function startAgain({ next = '' }: PagedAnswer): string {
  const content = JSON.parse(Buffer.from(next, 'base64').toString('utf8')) as object;
  return Buffer.from(JSON.stringify({ ...content, RowsToSkip: 0 })).toString('base64');
}
