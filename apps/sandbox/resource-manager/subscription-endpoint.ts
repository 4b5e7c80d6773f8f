import type { BearerTokens } from '../entra/bearer-tokens.js';
import type { Estate, Subscription } from '../estate/estate.js';
import { type SandboxRequest, azureError, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { requireApiVersion } from './api-version.js';
import { readableSubscription } from './subscription-access.js';

const API_VERSIONS = ['2016-06-01', '2019-11-01', '2020-01-01', '2021-01-01', '2022-12-01'];

/** The routes that list and read subscriptions and tenants of the token's directory. */
export function subscriptionRoutes(estate: Estate, tokens: BearerTokens, pageSize: number): Route[] {
  return [
    {
      service: 'resource-manager',
      method: 'GET',
      pattern: /^\/subscriptions$/i,
      handle: async (request) => {
        const caller = await tokens.requireResourceManager(request);
        const version = requireApiVersion(request, API_VERSIONS, 'Microsoft.Resources', 'subscriptions');
        const all = estate.subscriptionsOf(caller.tenantId);
        const start = startOf(request);
        const value = all.slice(start, start + pageSize).map((each) => subscriptionBody(each, version));
        const end = start + value.length;
        return json(200, {
          value,
          count: { type: 'Total', value: value.length },
          ...(end < all.length ? { nextLink: nextLink(request, end) } : {}),
        });
      },
    },
    {
      service: 'resource-manager',
      method: 'GET',
      pattern: /^\/subscriptions\/(?<subscriptionId>[^/]+)$/i,
      handle: async (request, { subscriptionId = '' }) => {
        const caller = await tokens.requireResourceManager(request);
        const version = requireApiVersion(request, API_VERSIONS, 'Microsoft.Resources', 'subscriptions');
        const subscription = readableSubscription(
          estate,
          caller,
          subscriptionId,
          'Microsoft.Resources/subscriptions/read',
        );
        request.notes.subscriptionId = subscription.subscriptionId;
        return json(200, subscriptionBody(subscription, version));
      },
    },
    {
      service: 'resource-manager',
      method: 'GET',
      pattern: /^\/tenants$/i,
      handle: async (request) => {
        const caller = await tokens.requireResourceManager(request);
        requireApiVersion(request, API_VERSIONS, 'Microsoft.Resources', 'tenants');
        const tenants = estate.tenants.filter(({ tenantId }) => tenantId === caller.tenantId);
        return json(200, {
          value: tenants.map(({ tenantId, displayName, domain }) => ({
            id: `/tenants/${tenantId}`,
            tenantId,
            countryCode: 'DE',
            displayName,
            domains: [domain],
            tenantCategory: 'Home',
            defaultDomain: domain,
            tenantType: 'AAD',
          })),
        });
      },
    },
  ];
}

function startOf(request: SandboxRequest): number {
  const token = request.query.get('$skiptoken');
  if (token === undefined) return 0;
  const start = Number(/^subscriptions:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1]);
  if (Number.isInteger(start)) return start;
  throw azureError(400, 'InvalidSkipToken', `The skip token '${token}' is invalid.`);
}

function nextLink(request: SandboxRequest, start: number): string {
  const version = encodeURIComponent(request.query.get('api-version') ?? '');
  const token = Buffer.from(`subscriptions:${start}`).toString('base64url');
  return `${request.origin}/subscriptions?api-version=${version}&$skiptoken=${token}`;
}

function subscriptionBody(subscription: Subscription, version: string): object {
  const { subscriptionId, tenantId, managedByTenants } = subscription;
  const body = {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: 'RoleBased',
    managedByTenants: managedByTenants.map((managing) => ({ tenantId: managing })),
    tags: subscription.tags,
    subscriptionId,
    tenantId,
    displayName: subscription.displayName,
    state: subscription.state,
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: subscription.quotaId,
      spendingLimit: 'Off',
    },
  };
  if (version >= '2019-11-01') return body;
  // The oldest version knows neither owners nor delegations.
  const { tenantId: _, managedByTenants: __, tags: ___, ...oldest } = body;
  return oldest;
}
