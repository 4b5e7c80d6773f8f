import { describe, expect, it } from 'vitest';
import { IncompleteReadError, SourceRejectedError } from '#core/errors.js';
import { PagingGuard } from './paging.js';

const ENDPOINT = 'https://management.test:8443';
const link = (token: string) => `${ENDPOINT}/a?$skiptoken=${token}`;

describe('PagingGuard', () => {
  it('follows links on the endpoint and ends where there is none', () => {
    const guard = new PagingGuard(ENDPOINT);
    expect(guard.nextLink(link('a'))).toBe(link('a'));
    expect(guard.nextLink(link('b'))).toBe(link('b'));
    expect([null, undefined, ''].map((end) => guard.nextLink(end))).toEqual([null, null, null]);
  });

  it.each([
    'https://evil.test/a',
    'http://management.test:8443/a',
    'https://management.test/a',
    'https://management.test:8443@evil.test/a',
  ])('refuses %s: the token would go there', (foreign) =>
    expect(() => new PagingGuard(ENDPOINT).nextLink(foreign)).toThrow(SourceRejectedError),
  );

  it.each(['/a', 'x', 7, {}])('takes %j for a broken answer', (text) =>
    expect(() => new PagingGuard(ENDPOINT).nextLink(text)).toThrow(IncompleteReadError),
  );

  it('refuses a page that was named before, by link, by token in another link, or as a token', () => {
    const links = new PagingGuard(ENDPOINT);
    links.nextLink(link('a'));
    expect(() => links.nextLink(`${ENDPOINT}/other?%24skipToken=a`)).toThrow(IncompleteReadError);
    const tokens = new PagingGuard(ENDPOINT);
    tokens.nextToken('a');
    expect(() => tokens.nextToken('a')).toThrow(IncompleteReadError);
  });

  it('ends a source that never does', () => {
    const guard = new PagingGuard(ENDPOINT, 3);
    guard.nextLink(link('a'));
    guard.nextLink(link('b'));
    expect(() => guard.nextLink(link('c'))).toThrow(/more than 3 pages/);
  });
});
