import { describe, expect, it } from 'vitest';
import type { RawPage } from '#core/connector.js';
import { TransientSourceError } from '#core/errors.js';
import { FakeAzure } from '../testing/fake-azure.js';
import { apiOver, readContext, TENANT } from '../testing/read-harness.js';
import type { AzureReadRequest } from './azure-request.js';
import { parsePlainBody } from './json-body.js';

const request = (changes: Partial<AzureReadRequest> = {}): AzureReadRequest => ({
  method: 'POST',
  target: '/things',
  query: { 'api-version': '1' },
  body: { page: 1 },
  parse: parsePlainBody,
  connector: 'test',
  quota: { service: 'resource-graph', scope: 'tenant' },
  need: { role: 'Reader', scope: 'x' },
  ...changes,
});

describe('a read that goes on where it stopped', () => {
  /** An attempt that keeps its answers, and one that recalls them. */
  const attempts = () => {
    const kept = new Map<string, RawPage>();
    const azure = new FakeAzure(({ json }) => ({ json: { page: json.page, at: kept.size } }));
    const context = readContext([], {
      keep: async (page) => void kept.set(page.requestHash, page),
      recall: async (hash) => kept.get(hash) ?? null,
    });
    return {
      azure,
      kept,
      read: (each: AzureReadRequest, label = 'x') => apiOver(azure).forTenant(TENANT).read(each, label, context),
    };
  };

  it('takes what was answered from there and asks for the rest', async () => {
    const { azure, kept, read } = attempts();
    const first = await read(request());
    const again = await read(request());
    expect(again).toMatchObject({ json: first.json, status: 200 });
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(azure.requests).toHaveLength(1);
    await read(request({ body: { page: 2 } }));
    expect(azure.requests).toHaveLength(2);
    expect(kept.size).toBe(2);
  });

  it('tells requests apart by all that decides their answer', async () => {
    const { azure, read } = attempts();
    await read(request());
    await read(request({ query: { 'api-version': '2' } }));
    await read(request({ target: '/others' }));
    await read(request({ endpoint: { url: 'https://management.test:8443/metrics', scope: 's' } }));
    expect(azure.requests).toHaveLength(4);
  });
});

describe('an answer to a read', () => {
  const reading = (...bodies: string[]) => {
    const kept: string[] = [];
    const azure = new FakeAzure(() => ({ body: bodies.shift()! }));
    const context = readContext([], { keep: async ({ body }) => void kept.push(Buffer.from(body).toString()) });
    const api = apiOver(azure);
    return { kept, read: (each = request()) => api.forTenant(TENANT).read(each, 'x', context) };
  };

  it('that is a page of a proxy, or was cut, is asked for again and not kept', async () => {
    const { kept, read } = reading('<html>', '{"page":', '{"page": 1}');
    expect((await read()).json).toEqual({ page: 1 });
    expect(kept).toEqual(['{"page": 1}']);
  });

  it('is kept before anyone parses it', async () => {
    const { kept, read } = reading('{"page": }');
    await expect(read()).rejects.toThrow(TransientSourceError);
    expect(kept).toEqual(['{"page": }']);
  });
});
