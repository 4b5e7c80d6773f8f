import { createPublicKey } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { Clock } from '#core/clock.js';
import type { Estate } from '../estate/estate.js';
import { authenticationChallenge } from '../http/challenges.js';
import { type SandboxRequest, azureError } from '../http/exchange.js';
import type { SigningKeys } from './signing-keys.js';
import type { TokenIssuer } from './token-issuer.js';

/** Who a valid access token speaks for. */
export interface Caller {
  readonly tenantId: string;
  readonly objectId: string;
  readonly clientId: string;
}

const RESOURCE_MANAGER_AUDIENCES = ['https://management.azure.com', 'https://management.core.windows.net'];
const STORAGE_AUDIENCES = ['https://storage.azure.com'];

/** Validates bearer tokens: signature, issuer, lifetime and audience. */
export class BearerTokens {
  constructor(
    private readonly estate: Estate,
    private readonly keys: SigningKeys,
    private readonly issuer: TokenIssuer,
    private readonly clock: Clock,
  ) {}

  /** The caller of a Resource Manager request; throws its 401. */
  async requireResourceManager(request: SandboxRequest): Promise<Caller> {
    return this.require(request, [...RESOURCE_MANAGER_AUDIENCES, request.origin], (code, message) =>
      authenticationChallenge(request, code, message),
    );
  }

  /** The caller of a storage request; throws its 401. */
  async requireStorage(request: SandboxRequest): Promise<Caller> {
    return this.require(request, STORAGE_AUDIENCES, (code, message) =>
      azureError(
        401,
        code === 'AuthenticationFailed' ? 'NoAuthenticationInformation' : 'InvalidAuthenticationInfo',
        message,
        {
          headers: {
            'x-ms-error-code':
              code === 'AuthenticationFailed' ? 'NoAuthenticationInformation' : 'InvalidAuthenticationInfo',
            'www-authenticate': `Bearer authorization_uri=${request.origin}/${this.estate.homeTenant.tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
          },
        },
      ),
    );
  }

  private async require(
    request: SandboxRequest,
    audiences: readonly string[],
    refuse: (code: string, message: string) => Error,
  ): Promise<Caller> {
    const match = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '');
    if (!match?.[1])
      throw refuse('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
    const { claims, failure } = await this.verify(match[1]);
    if (!claims) throw refuse(failure.code, failure.message);
    const audience = String(claims['aud']).replace(/\/+$/, '');
    if (!audiences.includes(audience)) {
      throw refuse(
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${String(claims['aud'])}'. It should exactly match with one of the allowed audiences '${audiences.map((name) => `${name}/`).join("','")}'.`,
      );
    }
    const tenantId = String(claims['tid']);
    if (!this.estate.findTenant(tenantId) || claims['iss'] !== this.issuer.issuerOf(tenantId)) {
      throw refuse('InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer.');
    }
    request.notes.tenantId = tenantId;
    return { tenantId, objectId: String(claims['oid']), clientId: String(claims['azp']) };
  }

  private async verify(
    token: string,
  ): Promise<
    | { claims: Record<string, unknown>; failure?: never }
    | { claims?: never; failure: { code: string; message: string } }
  > {
    try {
      const key = createPublicKey({ key: this.keys.current.publicJwk, format: 'jwk' });
      const { payload } = await jwtVerify(token, key, { algorithms: ['RS256'], currentDate: this.clock.now() });
      return { claims: payload };
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        return {
          failure: {
            code: 'ExpiredAuthenticationToken',
            message: 'The access token expiry UTC time is earlier than current UTC time.',
          },
        };
      }
      return { failure: { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' } };
    }
  }
}
