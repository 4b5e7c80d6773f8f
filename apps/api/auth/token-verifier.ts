import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import type { TrustedIssuer } from '#core/config.js';
import { OverloadedError, UnauthenticatedError } from '#core/errors.js';

export interface TokenVerifierOptions {
  issuers: readonly TrustedIssuer[];
  audiences: readonly string[];
  /** How often a key set may be fetched again for an unknown key. */
  cooldownMs?: number;
  now?: () => Date;
  /** How discovery documents and key sets are fetched; the global `fetch` when absent. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** The claims we rely on, after every check. */
export interface VerifiedToken {
  tid: string;
  principalId: string;
  name: string | null;
  roles: string[];
}

type Fetch = NonNullable<TokenVerifierOptions['fetch']>;

const TENANT = '{tenantid}';
const KEY_SET_AGE_MS = 10 * 60_000;
const CLOCK_TOLERANCE_S = 30;
const VERIFIED_MS = 60_000;
const MOST_VERIFIED = 10_000;
const guid = z.guid();

/**
 * Checks access tokens of the configured issuers: RS256 only, and with the keys of the token's own issuer only.
 * Throws `UnauthenticatedError` with the reason, or `OverloadedError` when the issuer's keys cannot be fetched.
 */
export class TokenVerifier {
  private readonly keySets = new Map<TrustedIssuer, Promise<KeySet>>();
  private readonly verified = new Map<string, { token: VerifiedToken; until: number }>();

  constructor(private readonly options: TokenVerifierOptions) {}

  /** The result is good for a minute at most, and never past the token's expiry: signatures cost more than most answers. */
  async verify(token: string): Promise<VerifiedToken> {
    const now = (this.options.now?.() ?? new Date()).getTime();
    const known = this.verified.get(token);
    if (known && now < known.until) return known.token;
    const { verified, expiresAt } = await this.check(token);
    if (this.verified.size >= MOST_VERIFIED) this.verified.clear();
    this.verified.set(token, { token: verified, until: Math.min(expiresAt, now + VERIFIED_MS) });
    return verified;
  }

  private async check(token: string): Promise<{ verified: VerifiedToken; expiresAt: number }> {
    const { issuer, tid, trusted } = this.issuerOf(token);
    const keySet = await this.keySet(trusted);
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keySet.keyFor(issuer, tid), {
        issuer,
        audience: [...this.options.audiences],
        algorithms: ['RS256'],
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['exp', 'tid'],
        currentDate: this.options.now?.(),
      }));
    } catch (error) {
      throw refusal(error);
    }
    const principalId = [payload['oid'], payload.sub, payload['azp']].find((id) => typeof id === 'string');
    if (typeof principalId !== 'string') throw new UnauthenticatedError('The token names no principal (oid or sub).');
    const verified = {
      tid: String(payload['tid']).toLowerCase(),
      principalId,
      name:
        [payload['preferred_username'], payload['name'], payload['azp']].find((name) => typeof name === 'string') ??
        null,
      roles: Array.isArray(payload['roles']) ? payload['roles'].filter((role) => typeof role === 'string') : [],
    };
    return { verified, expiresAt: payload.exp! * 1_000 };
  }

  /** Finds whose token this claims to be. Nothing in it is trusted yet: it only selects the keys to check it with. */
  private issuerOf(token: string): { issuer: string; tid: string; trusted: TrustedIssuer } {
    let claims: JWTPayload;
    try {
      claims = decodeJwt(token);
    } catch {
      throw new UnauthenticatedError('The bearer token is not a JWT.');
    }
    const { iss, tid } = claims;
    if (typeof tid !== 'string' || !guid.safeParse(tid).success) {
      throw new UnauthenticatedError('The token names no tenant (tid).');
    }
    for (const trusted of this.options.issuers) {
      const issuer = trusted.issuer.replace(TENANT, tid);
      if (iss === issuer) return { issuer, tid, trusted };
    }
    throw new UnauthenticatedError('The token comes from an issuer that is not accepted here.');
  }

  private keySet(trusted: TrustedIssuer): Promise<KeySet> {
    let keySet = this.keySets.get(trusted);
    if (!keySet) {
      keySet = KeySet.open(trusted, this.options.cooldownMs ?? 5_000, this.options.fetch ?? fetch);
      this.keySets.set(trusted, keySet);
      // A discovery that failed must not be remembered.
      keySet.catch(() => this.keySets.delete(trusted));
    }
    return keySet;
  }
}

/** The keys of one issuer, cached and fetched again when a token names an unknown one. */
class KeySet {
  private constructor(private readonly remote: ReturnType<typeof createRemoteJWKSet>) {}

  static async open(trusted: TrustedIssuer, cooldownDuration: number, fetching: Fetch): Promise<KeySet> {
    const url = trusted.jwksUrl ?? (await discoverJwksUrl(trusted.issuer, fetching));
    return new KeySet(
      createRemoteJWKSet(new URL(url), {
        cooldownDuration,
        cacheMaxAge: KEY_SET_AGE_MS,
        timeoutDuration: 5_000,
        [customFetch]: fetching,
      }),
    );
  }

  /** Entra's shared key set says for each key whose tokens it may sign; a key of another issuer is no key here. */
  keyFor(issuer: string, tid: string): JWTVerifyGetKey {
    return async (header, token) => {
      if (!header.kid) throw new UnauthenticatedError('The token does not name its key (kid).');
      const key = await this.remote(header, token);
      const described = this.remote.jwks()?.keys.find(({ kid }) => kid === header.kid) as
        { issuer?: string } | undefined;
      if (described?.issuer && described.issuer.replace(TENANT, tid) !== issuer) {
        throw new UnauthenticatedError('The token is signed with a key of another issuer.');
      }
      return key;
    };
  }
}

/** A templated issuer publishes its keys under `common`. */
async function discoverJwksUrl(issuer: string, fetching: Fetch): Promise<string> {
  const url = `${issuer.replace(TENANT, 'common').replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const response = await fetching(url, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const { jwks_uri } = z.object({ jwks_uri: z.url({ protocol: /^https$/ }) }).parse(await response.json());
    return jwks_uri;
  } catch {
    throw new OverloadedError(`The key set of the token's issuer cannot be found: ${url} does not answer as expected.`);
  }
}

function refusal(error: unknown): Error {
  if (error instanceof UnauthenticatedError) return error;
  if (error instanceof errors.JWTExpired) return new UnauthenticatedError('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim } = error;
    if (claim === 'aud') return new UnauthenticatedError('The token is meant for another audience.');
    if (claim === 'nbf') return new UnauthenticatedError('The token is not valid yet.');
    return new UnauthenticatedError(`The token's claim ${claim} is missing or wrong.`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new UnauthenticatedError('The token is not signed with RS256.');
  if (error instanceof errors.JWKSNoMatchingKey)
    return new UnauthenticatedError("The token's key is not one of its issuer's.");
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new UnauthenticatedError("The token's signature is wrong.");
  const aboutKeySet =
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC';
  if (!aboutKeySet) return new UnauthenticatedError('The token is malformed.');
  const unavailable = new OverloadedError(
    "The key set of the token's issuer cannot be fetched or used. Try again later.",
  );
  unavailable.cause = error;
  return unavailable;
}
