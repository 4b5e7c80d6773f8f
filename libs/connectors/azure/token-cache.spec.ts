import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { TokenCache, type TokenSource } from './token-cache.js';

const SCOPE = 'https://management.azure.com/.default';

function setUp() {
  const clock = new ManualClock();
  const calls: unknown[] = [];
  const source = { fail: false };
  const fetch: TokenSource['fetch'] = async (_scopes, options) => {
    calls.push(options);
    await Promise.resolve();
    if (source.fail) throw new Error('refused');
    return { token: `t${calls.length}`, expiresOnTimestamp: clock.now().getTime() + 3_600_000 };
  };
  const cache = new TokenCache({ fetch, reset: () => {} }, clock);
  const token = async (options = {}) => (await cache.getToken(SCOPE, options)).token;
  return { cache, clock, calls, source, token };
}

describe('TokenCache', () => {
  it('asks once for parallel callers', async () => {
    const { token, calls } = setUp();
    expect(await Promise.all(Array.from({ length: 20 }, () => token()))).toEqual(Array(20).fill('t1'));
    expect(calls).toHaveLength(1);
  });

  it('serves a token until a minute before it expires', async () => {
    const { token, clock } = setUp();
    await token();
    clock.advance(3_539_999);
    expect(await token()).toBe('t1');
    clock.advance(1);
    expect(await token()).toBe('t2');
  });

  it('does not remember a failure', async () => {
    const { token, source } = setUp();
    source.fail = true;
    await expect(token()).rejects.toThrow('refused');
    source.fail = false;
    expect(await token()).toBe('t2');
  });

  it('answers a claims challenge with a new token, which it then serves', async () => {
    const { token, calls } = setUp();
    await token();
    expect(await token({ claims: '{"nbf":1}', enableCae: true })).toBe('t2');
    expect(calls[1]).toMatchObject({ claims: '{"nbf":1}' });
    expect(await token()).toBe('t2');
  });

  it('lets one caller leave without ending the request of the others', async () => {
    const { token, calls } = setUp();
    const leaving = new AbortController();
    const left = token({ abortSignal: leaving.signal });
    const stays = token();
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(await stays).toBe('t1');
    expect(calls).toHaveLength(1);
  });

  it('asks anew after forgetting', async () => {
    const { cache, token } = setUp();
    await token();
    cache.forget();
    expect(await token()).toBe('t2');
  });
});
