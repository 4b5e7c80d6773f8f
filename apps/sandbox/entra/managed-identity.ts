import type { Estate } from '../estate/estate.js';
import { guidOf } from '../estate/seeded-random.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { audienceOf } from './audiences.js';
import type { IssuedToken, TokenIssuer } from './token-issuer.js';

const APP_SERVICE_PATH = '/msi/token';
/** The version of App Service's endpoint that identity libraries ask for. */
const APP_SERVICE_VERSION = '2019-08-01';
const INSTANCE_METADATA_VERSIONS = ['2018-02-01', '2019-08-15', '2021-02-01'];

/** An identity that Azure attached to the machine, with no secret to keep. */
export interface MachineIdentity {
  readonly clientId: string;
  readonly objectId: string;
}

/**
 * The token endpoints that a machine in Azure finds on itself, over plain HTTP: App Service's, proved by a header
 * whose value only the machine knows, and the instance metadata service's. Both know one identity, which is used
 * when none is named.
 */
export class ManagedIdentityEndpoint {
  readonly identity: MachineIdentity;
  /** Value of `X-IDENTITY-HEADER`. */
  readonly header: string;

  constructor(
    private readonly estate: Estate,
    private readonly issuer: TokenIssuer,
  ) {
    const { seed } = estate.size;
    this.identity = {
      clientId: guidOf(seed, 'managed-identity'),
      objectId: guidOf(seed, 'managed-identity', 'principal'),
    };
    this.header = guidOf(seed, 'identity-header');
  }

  /** What `IDENTITY_ENDPOINT` holds on a machine whose endpoints are at `host`. */
  endpointAt(host: string): string {
    return `${host}${APP_SERVICE_PATH}`;
  }

  get routes(): Route[] {
    const route = (pattern: RegExp, handle: Route['handle']): Route => ({
      service: 'entra',
      method: 'GET',
      pattern,
      handle,
    });
    return [
      route(/^\/msi\/token\/?$/i, (request) => this.appService(request)),
      route(/^\/metadata\/identity\/oauth2\/token\/?$/i, (request) => this.instanceMetadata(request)),
    ];
  }

  private async appService(request: SandboxRequest): Promise<SandboxResponse> {
    const refuse = (status: number, message: string): ServiceError =>
      new ServiceError(json(status, { statusCode: status, message, correlationId: request.requestId }), message);
    if (request.headers['x-identity-header'] !== this.header) {
      throw refuse(401, 'The request does not carry the identity header of this machine.');
    }
    if (request.query.get('api-version') !== APP_SERVICE_VERSION) {
      throw refuse(400, 'The api-version is missing or not supported.');
    }
    if (!this.isOwnIdentity(request)) {
      throw refuse(
        400,
        'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      );
    }
    const resource = request.query.get('resource') ?? '';
    const audience = audienceOf(resource, request.origin);
    if (audience === undefined) throw refuse(400, unknownResource(resource, this.estate.homeTenant.displayName));
    const { accessToken, expiresAtSeconds } = await this.issue(audience);
    return json(200, {
      access_token: accessToken,
      client_id: this.identity.clientId,
      expires_on: String(expiresAtSeconds),
      resource,
      token_type: 'Bearer',
    });
  }

  private async instanceMetadata(request: SandboxRequest): Promise<SandboxResponse> {
    const refuse = (error: string, text: string): ServiceError =>
      new ServiceError(json(400, { error, error_description: text }), text);
    if (String(request.headers['metadata']).toLowerCase() !== 'true') {
      throw refuse('invalid_request', 'Required metadata header not specified');
    }
    if (!INSTANCE_METADATA_VERSIONS.includes(request.query.get('api-version') ?? '')) {
      throw refuse('invalid_request', 'Required query variable "api-version" is missing or not supported');
    }
    if (!this.isOwnIdentity(request)) throw refuse('invalid_request', 'Identity not found');
    const resource = request.query.get('resource') ?? '';
    const audience = audienceOf(resource, request.origin);
    if (audience === undefined) {
      throw refuse('invalid_resource', unknownResource(resource, this.estate.homeTenant.displayName));
    }
    const { accessToken, expiresInSeconds, expiresAtSeconds } = await this.issue(audience);
    return json(200, {
      access_token: accessToken,
      client_id: this.identity.clientId,
      expires_in: String(expiresInSeconds),
      expires_on: String(expiresAtSeconds),
      ext_expires_in: String(expiresInSeconds),
      not_before: String(expiresAtSeconds - expiresInSeconds),
      resource,
      token_type: 'Bearer',
    });
  }

  private isOwnIdentity({ query }: SandboxRequest): boolean {
    const clientId = query.get('client_id');
    const objectId = query.get('object_id') ?? query.get('principal_id');
    return (
      (clientId === undefined || clientId === this.identity.clientId) &&
      (objectId === undefined || objectId === this.identity.objectId)
    );
  }

  private issue(audience: string): Promise<IssuedToken> {
    return this.issuer.forApplication(this.estate.homeTenant, audience, { identity: this.identity });
  }
}

function unknownResource(resource: string, tenant: string): string {
  return `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`;
}
