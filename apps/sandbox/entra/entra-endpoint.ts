import type { Clock } from '#core/clock.js';
import type { Estate, Tenant } from '../estate/estate.js';
import { type SandboxRequest, type SandboxResponse, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { audienceOf } from './audiences.js';
import { entraError } from './entra-error.js';
import type { FederatedIdentity } from './federated-identity.js';
import type { SigningKeys } from './signing-keys.js';
import type { IssuedToken, TokenIssuer } from './token-issuer.js';

/** Password of every demo user: the sandbox protects nothing but generated data. */
const DEMO_PASSWORD = 'sandbox';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SHARED_TENANTS = ['common', 'organizations'];
/** Entra ID's discovery documents, signing keys and token endpoint. */
export class EntraEndpoint {
  constructor(
    private readonly estate: Estate,
    private readonly keys: SigningKeys,
    private readonly issuer: TokenIssuer,
    private readonly federation: FederatedIdentity,
    private readonly clock: Clock,
  ) {}

  get routes(): Route[] {
    const route = (method: string, pattern: RegExp, handle: Route['handle']): Route => ({
      service: 'entra',
      method,
      pattern,
      handle,
    });
    return [
      route('GET', /^\/(?<tenant>[^/]+)\/v2\.0\/\.well-known\/openid-configuration$/i, (request, { tenant = '' }) =>
        this.configuration(request, tenant),
      ),
      route('GET', /^\/(?<tenant>[^/]+)\/discovery\/v2\.0\/keys$/i, (request, { tenant = '' }) =>
        this.publishedKeys(request, tenant),
      ),
      route('POST', /^\/(?<tenant>[^/]+)\/oauth2\/v2\.0\/token$/i, (request, { tenant = '' }) =>
        this.token(request, tenant),
      ),
    ];
  }

  private configuration(request: SandboxRequest, tenant: string): SandboxResponse {
    const isShared = SHARED_TENANTS.includes(tenant.toLowerCase());
    const tenantId = isShared ? tenant : this.requireTenant(request, tenant).tenantId;
    const base = `${request.origin}/${tenantId}`;
    return json(200, {
      issuer: this.issuer.issuerOf(isShared ? '{tenantid}' : tenantId),
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'tid', 'oid', 'preferred_username', 'name', 'ver'],
      tenant_region_scope: 'EU',
    });
  }

  private publishedKeys(request: SandboxRequest, tenant: string): SandboxResponse {
    if (!SHARED_TENANTS.includes(tenant.toLowerCase())) this.requireTenant(request, tenant);
    const { keyId, publicJwk } = this.keys.current;
    const key = { ...publicJwk, use: 'sig', alg: 'RS256', kid: keyId, issuer: this.issuer.issuerOf('{tenantid}') };
    return json(200, { keys: [key] });
  }

  private async token(request: SandboxRequest, tenantName: string): Promise<SandboxResponse> {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const grant = form.get('grant_type');
    const username = (form.get('username') ?? '').toLowerCase();
    const tenant =
      SHARED_TENANTS.includes(tenantName.toLowerCase()) && grant === 'password'
        ? this.estate.tenants.find(({ domain }) => username.endsWith(`@${domain}`))
        : this.requireTenant(request, tenantName);
    if (!tenant)
      throw this.refuse(
        request,
        400,
        'invalid_grant',
        50034,
        `The user account ${username} does not exist in the directory.`,
      );
    request.notes.tenantId = tenant.tenantId;

    const clientId = form.get('client_id') ?? '';
    if (clientId !== this.estate.application.clientId) {
      throw this.refuse(
        request,
        400,
        'unauthorized_client',
        700016,
        `Application with identifier '${clientId}' was not found in the directory '${tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
      );
    }
    const audience = this.requireAudience(request, form.get('scope') ?? '');
    if (grant === 'client_credentials') {
      await this.checkClient(request, form);
      const isContinuous = (form.get('claims') ?? '').includes('"cp1"');
      return tokenAnswer(await this.issuer.forApplication(tenant, audience, { isContinuous }));
    }
    if (grant === 'password') return tokenAnswer(await this.signIn(request, tenant, username, form, audience));
    throw this.refuse(
      request,
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant ?? ''}'.`,
    );
  }

  private signIn(
    request: SandboxRequest,
    tenant: Tenant,
    username: string,
    form: URLSearchParams,
    audience: string,
  ): Promise<IssuedToken> {
    const user = tenant.users.find((candidate) => candidate.username === username);
    if (!user)
      throw this.refuse(
        request,
        400,
        'invalid_grant',
        50034,
        `The user account ${username} does not exist in the ${tenant.tenantId} directory.`,
      );
    if (form.get('password') !== DEMO_PASSWORD) {
      throw this.refuse(
        request,
        400,
        'invalid_grant',
        50126,
        'Error validating credentials due to invalid username or password.',
      );
    }
    return this.issuer.forUser(tenant, user, audience);
  }

  private async checkClient(request: SandboxRequest, form: URLSearchParams): Promise<void> {
    const { clientId, clientSecret } = this.estate.application;
    const assertion = form.get('client_assertion');
    if (assertion !== null && form.get('client_assertion_type') === ASSERTION_TYPE) {
      const refusal = await this.federation.refusalOf(assertion, clientId);
      if (refusal) throw this.refuse(request, 401, 'invalid_client', refusal.code, refusal.message);
      return;
    }
    const secret = form.get('client_secret');
    if (secret === null) {
      throw this.refuse(
        request,
        401,
        'invalid_client',
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      );
    }
    if (secret !== clientSecret) {
      throw this.refuse(
        request,
        401,
        'invalid_client',
        7000215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
      );
    }
  }

  private requireAudience(request: SandboxRequest, scopes: string): string {
    const scope = scopes.split(' ').find((name) => name.includes('://')) ?? '';
    const audience = audienceOf(scope.slice(0, scope.lastIndexOf('/')), request.origin);
    if (audience) return audience;
    throw this.refuse(
      request,
      400,
      'invalid_scope',
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scopes} is not valid.`,
    );
  }

  private requireTenant(request: SandboxRequest, tenant: string): Tenant {
    const found = this.estate.findTenant(tenant);
    if (found) return found;
    throw this.refuse(
      request,
      400,
      'invalid_request',
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    );
  }

  private refuse(request: SandboxRequest, status: number, error: string, code: number, message: string): Error {
    return entraError(request, this.clock.now(), status, error, code, message);
  }
}

function tokenAnswer({ accessToken, expiresInSeconds }: IssuedToken): SandboxResponse {
  return json(
    200,
    { token_type: 'Bearer', expires_in: expiresInSeconds, ext_expires_in: expiresInSeconds, access_token: accessToken },
    { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
  );
}
