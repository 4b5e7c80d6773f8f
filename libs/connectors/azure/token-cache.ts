import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { Clock } from '#core/clock.js';
import { abortable } from './abortable.js';

/** A cached token is served until this long before it expires; a request in flight must not outlive it. */
const EXPIRY_MARGIN_MS = 60_000;

/** Where the cache gets its tokens from. */
export interface TokenSource {
  /** A token for the scopes; throws errors of `errors.ts`. */
  fetch(scopes: string | string[], options: GetTokenOptions): Promise<AccessToken>;
  /** Drops what the source itself remembers. */
  reset(): void;
}

/**
 * A credential in front of another one that remembers tokens per scope and asks once however many callers wait:
 * the identity library alone posts one token request per parallel caller. A failed request is not remembered.
 * One caller's abort does not end the request that others wait for.
 */
export class TokenCache implements TokenCredential {
  readonly #tokens = new Map<string, AccessToken>();
  readonly #pending = new Map<string, Promise<AccessToken>>();

  constructor(
    private readonly source: TokenSource,
    private readonly clock: Clock,
  ) {}

  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const scope = [scopes].flat().join(' ');
    const cached = this.#tokens.get(scope);
    // A claims challenge means that Azure has revoked the token we hold (continuous access evaluation).
    if (!options.claims && cached && cached.expiresOnTimestamp - EXPIRY_MARGIN_MS > this.clock.now().getTime()) {
      return cached;
    }
    const token = this.#fetchOnce(scope, scopes, options);
    return options.abortSignal instanceof AbortSignal ? abortable(token, options.abortSignal) : token;
  }

  /** Forgets all tokens: Azure has refused one of them before its time. */
  forget(): void {
    this.#tokens.clear();
    this.source.reset();
  }

  #fetchOnce(scope: string, scopes: string | string[], options: GetTokenOptions): Promise<AccessToken> {
    const key = `${scope} ${options.claims ?? ''}`;
    const running = this.#pending.get(key);
    if (running) return running;
    const { abortSignal: _onlyTheCallers, ...shared } = options;
    const request = this.source
      .fetch(scopes, shared)
      .then((token) => {
        this.#tokens.set(scope, token);
        return token;
      })
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, request);
    return request;
  }
}
