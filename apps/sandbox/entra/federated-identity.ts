import { createPublicKey } from 'node:crypto';
import { type JWTPayload, SignJWT, decodeJwt, errors, jwtVerify } from 'jose';
import type { Clock } from '#core/clock.js';
import type { SigningKey } from './signing-keys.js';

const SUBJECT = 'system:serviceaccount:azcops:azcops';
const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';
/** A cluster renews its tokens every hour; this one outlives the sandbox, which has no kubelet. */
const VALID_SECONDS = 397 * 86_400;

/** Why an assertion is refused, in Entra's numbers. */
export interface AssertionRefusal {
  readonly code: number;
  readonly message: string;
}

/**
 * The one federated credential the application trusts: a service account of a cluster that signs with a key of its
 * own, which is the sandbox's first one.
 */
export class FederatedIdentity {
  constructor(
    private readonly key: SigningKey,
    private readonly clock: Clock,
    private readonly baseUrl: () => string,
  ) {}

  /** What the cluster puts into the file that a workload reads. */
  projectedToken(): Promise<string> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: this.key.keyId })
      .setIssuer(this.clusterIssuer)
      .setSubject(SUBJECT)
      .setAudience(EXCHANGE_AUDIENCE)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + VALID_SECONDS)
      .sign(this.key.privateKey);
  }

  /** Judges an assertion as Entra does: form, issuer, lifetime and signature, subject, audience. */
  async refusalOf(assertion: string, clientId: string): Promise<AssertionRefusal | undefined> {
    const claims = claimsOf(assertion);
    if (!claims) return { code: 50027, message: 'JWT token is invalid or malformed.' };
    if (claims.iss === clientId) {
      return {
        code: 700027,
        message:
          'The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]',
      };
    }
    if (claims.iss !== this.clusterIssuer) return noRecord(700211, 'issuer', String(claims.iss));
    const failure = await this.verificationFailure(assertion);
    if (failure) return failure;
    if (claims.sub !== SUBJECT) return noRecord(700213, 'subject', String(claims.sub));
    if (![claims.aud].flat().includes(EXCHANGE_AUDIENCE)) return noRecord(700212, 'audience', String(claims.aud));
    return undefined;
  }

  private get clusterIssuer(): string {
    return `${this.baseUrl()}/cluster`;
  }

  private async verificationFailure(assertion: string): Promise<AssertionRefusal | undefined> {
    const currentDate = this.clock.now();
    try {
      const key = createPublicKey({ key: this.key.publicJwk, format: 'jwk' });
      await jwtVerify(assertion, key, { algorithms: ['RS256'], currentDate });
      return undefined;
    } catch (error) {
      if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
        const { nbf = 0, exp = 0 } = error.payload;
        const [from, to] = [nbf, exp].map((seconds) => new Date(seconds * 1000).toISOString());
        return {
          code: 700024,
          message: `Client assertion is not within its valid time range. Current time: ${currentDate.toISOString()}, assertion valid from ${from}, expiry time of assertion ${to}. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .`,
        };
      }
      return { code: 50013, message: 'Assertion failed signature validation. [Reason - The key was not found.]' };
    }
  }
}

function claimsOf(assertion: string): JWTPayload | undefined {
  try {
    return decodeJwt(assertion);
  } catch {
    return undefined;
  }
}

function noRecord(code: number, part: string, value: string): AssertionRefusal {
  return {
    code,
    message: `No matching federated identity record found for presented assertion ${part} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
  };
}
