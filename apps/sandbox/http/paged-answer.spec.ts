import { describe, expect, it } from 'vitest';
import type { SandboxRequest } from './exchange.js';
import { pagedAnswer } from './paged-answer.js';

const request = (query: Record<string, string> = {}, body = ''): SandboxRequest => ({
  method: 'GET',
  path: '/subscriptions/x/providers/Microsoft.Advisor/recommendations',
  query: new Map(Object.entries(query)),
  headers: {},
  body: Buffer.from(body),
  origin: 'https://localhost:1',
  requestId: 'r',
  notes: {},
});
const answer = (body: string) => ({ status: 200, body });
const LINK = 'https://localhost:1/subscriptions/x?api-version=1&$skipToken=abc';

describe('a page', () => {
  it('of any list under value is found by its link, and leads to the request that follows it', () => {
    const page = pagedAnswer('advisor', request(), answer(`{"value":[{"id":1}],"nextLink":"${LINK}"}`));
    expect(page?.next).toBe(LINK);
    const next = pagedAnswer('advisor', request({ $skiptoken: 'abc' }), answer('{"value":[{"id":2}]}'));
    expect(next?.pageKey).toBe(page?.nextKey);
    expect([next?.next, next?.nextKey]).toEqual([undefined, undefined]);
    expect(page?.with({ rows: [] }).body).toBe(`{"value":[],"nextLink":"${LINK}"}`);
    expect(next?.with({ rows: [] }).body).toBe('{"value":[]}');
  });

  it('of the price list is found by where it begins, and says how many rows it has', () => {
    const next = "https://localhost:1/api/retail/prices?currencyCode='EUR'&$filter=f&$skip=1";
    const asked = { currencycode: "'EUR'", $filter: 'f' };
    const page = pagedAnswer(
      'retail-prices',
      request(asked),
      answer(`{"Items":[1],"NextPageLink":"${next}","Count":1}`),
    );
    const last = pagedAnswer(
      'retail-prices',
      request({ ...asked, $skip: '1' }),
      answer('{"Items":[2],"NextPageLink":null}'),
    );
    expect([page?.next, last?.next]).toEqual([next, undefined]);
    expect(last?.pageKey).toBe(page?.nextKey);
    expect(page?.with({ rows: [] }).body).toBe(`{"Items":[],"NextPageLink":"${next}","Count":0}`);
  });

  it('keeps every digit of its numbers', () => {
    const body = `{"properties":{"nextLink":"${LINK}","columns":[],"rows":[[1.5E-05,0.10,12345678901234567890.123]]}}`;
    const page = pagedAnswer('cost-management', request(), answer(body));
    expect(page?.with({}).body).toBe(body);
  });

  it('is not seen in what is no list', () => {
    expect(pagedAnswer('advisor', request(), answer('{"id":"x"}'))).toBeUndefined();
    expect(pagedAnswer('advisor', request(), answer('not json'))).toBeUndefined();
    expect(pagedAnswer('advisor', request(), { status: 404, body: '{"value":[]}' })).toBeUndefined();
    expect(pagedAnswer('advisor', request(), { status: 204 })).toBeUndefined();
  });
});
