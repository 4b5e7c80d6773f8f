import { decodeJwt } from 'jose';
import type { BearerTokens, Caller } from '../entra/bearer-tokens.js';
import type { Estate } from '../estate/estate.js';
import { type SandboxRequest, azureError } from '../http/exchange.js';
import type { MonitorSettings } from './monitor-settings.js';

const METRICS_AUDIENCE = 'https://metrics.monitor.azure.com';

/** Decides who may read metrics of a subscription through the data plane. */
export class MetricsAccessCheck {
  constructor(
    private readonly estate: Estate,
    private readonly tokens: BearerTokens,
    private readonly settings: MonitorSettings,
  ) {}

  /** Throws the 401 of a token or role that does not do, or the 403 of a resource provider nobody registered. */
  async require(request: SandboxRequest, subscriptionId: string): Promise<void> {
    const caller = await this.caller(request);
    const access = this.settings.accessTo(subscriptionId);
    if (!this.isReadable(subscriptionId, caller.tenantId) || access === 'no-reader') {
      throw azureError(
        401,
        'AuthorizationFailed',
        `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform action 'Microsoft.Insights/metrics/read' over scope '/subscriptions/${subscriptionId}'. Monitoring Reader on the subscription is required.`,
      );
    }
    if (access === 'provider-unregistered') {
      throw azureError(
        403,
        'MissingSubscriptionRegistration',
        `The subscription '${subscriptionId}' is not registered to use namespace 'Microsoft.Insights'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
      );
    }
  }

  private isReadable(subscriptionId: string, callerTenantId: string): boolean {
    const found = this.estate.findSubscription(subscriptionId);
    return (
      found?.access === 'reader' && [found.tenantId, ...found.managedByTenants].some((each) => each === callerTenantId)
    );
  }

  private async caller(request: SandboxRequest): Promise<Caller> {
    // The token check takes the address a client called as an audience; the data plane's is its public name.
    const caller = await this.tokens.requireResourceManager({ ...request, origin: METRICS_AUDIENCE });
    const isMetricsToken = audienceOf(request) === METRICS_AUDIENCE;
    const { audience } = this.settings;
    if (audience === 'both' || (audience === 'metrics') === isMetricsToken) return caller;
    throw azureError(
      401,
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource '${audienceOf(request)}'.`,
      { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    );
  }
}

function audienceOf(request: SandboxRequest): string {
  const token = (request.headers.authorization ?? '').replace(/^Bearer\s+/i, '');
  return String(decodeJwt(token).aud).replace(/\/+$/, '');
}
