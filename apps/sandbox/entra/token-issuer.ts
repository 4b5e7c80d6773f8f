import { SignJWT } from 'jose';
import type { Clock } from '#core/clock.js';
import type { DemoUser, Estate, Tenant } from '../estate/estate.js';
import { hash32 } from '../estate/seeded-random.js';
import type { SigningKeys } from './signing-keys.js';

/** Audience of the AzCops API. */
export const API_AUDIENCE = 'api://azcops';

/** An access token with its lifetime. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  /** Seconds since 1970. */
  readonly expiresAtSeconds: number;
}

/** In seconds: 60 to 90 minutes, or 20 to 28 hours for clients that understand a revoked token's challenge. */
const LIFETIME = { from: 3_600, to: 5_400 };
const CONTINUOUS_LIFETIME = { from: 72_000, to: 100_800 };

/** Whose token it is, and whether it may be revoked before its time. */
export interface ApplicationTokenOptions {
  readonly identity?: { readonly clientId: string; readonly objectId: string };
  readonly isContinuous?: boolean;
}

/** Signs version 2 access tokens. They carry real time, because their readers compare with real time. */
export class TokenIssuer {
  constructor(
    private readonly estate: Estate,
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
    /** Base URL of the sandbox; known once it listens. */
    private readonly baseUrl: () => string,
  ) {}

  issuerOf(tenantId: string): string {
    return `${this.baseUrl()}/${tenantId}/v2.0`;
  }

  /** A token of the application itself, or of another identity of the tenant. */
  forApplication(
    tenant: Tenant,
    audience: string,
    { identity = this.estate.application, isContinuous = false }: ApplicationTokenOptions = {},
  ): Promise<IssuedToken> {
    const { clientId, objectId } = identity;
    return this.sign(
      tenant,
      audience,
      {
        oid: objectId,
        sub: objectId,
        azp: clientId,
        azpacr: '1',
        idtyp: 'app',
        ...(isContinuous ? { xms_cc: ['cp1'] } : {}),
        ...(audience === API_AUDIENCE ? { roles: ['AzCops.Reader'] } : {}),
      },
      isContinuous ? CONTINUOUS_LIFETIME : LIFETIME,
    );
  }

  /** A token of a person signed in through the application. */
  forUser(tenant: Tenant, user: DemoUser, audience: string): Promise<IssuedToken> {
    return this.sign(tenant, audience, {
      oid: user.objectId,
      sub: user.objectId,
      azp: this.estate.application.clientId,
      azpacr: '0',
      name: user.displayName,
      preferred_username: user.username,
      scp: 'access_as_user',
      roles: [user.role],
    });
  }

  private async sign(
    tenant: Tenant,
    audience: string,
    claims: Record<string, unknown>,
    lifetime = LIFETIME,
  ): Promise<IssuedToken> {
    const { keyId, privateKey } = this.keys.current;
    const issuedAt = Math.floor(this.clock.now().getTime() / 1000);
    // Entra draws the lifetime at random; here the subject decides, so that runs repeat.
    const expiresInSeconds =
      lifetime.from + (hash32(tenant.tenantId, String(claims['sub']), audience) % (lifetime.to - lifetime.from));
    const accessToken = await new SignJWT({ tid: tenant.tenantId, ver: '2.0', ...claims })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keyId })
      .setIssuer(this.issuerOf(tenant.tenantId))
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + expiresInSeconds)
      .sign(privateKey);
    return { accessToken, expiresInSeconds, expiresAtSeconds: issuedAt + expiresInSeconds };
  }
}
