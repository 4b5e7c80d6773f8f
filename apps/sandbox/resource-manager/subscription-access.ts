import type { Caller } from '../entra/bearer-tokens.js';
import type { Estate, Subscription } from '../estate/estate.js';
import { azureError } from '../http/exchange.js';

/** Actions that need no Reader role, because cost roles and any other role assignment allow them. */
const WITHOUT_READER = /^Microsoft\.(CostManagement|Consumption)\/|^Microsoft\.Resources\/subscriptions\/read$/i;

/**
 * The subscription, when the caller may do `action` on it. Throws the 404 of an unknown subscription, the 401 of a
 * token from another tenant than the one it belongs or is delegated to, or the 403 of a missing role assignment.
 */
export function readableSubscription(
  estate: Estate,
  caller: Caller,
  subscriptionId: string,
  action: string,
): Subscription {
  const subscription = estate.findSubscription(subscriptionId);
  if (!subscription) {
    throw azureError(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);
  }
  const { tenantId, managedByTenants, access } = subscription;
  if (tenantId !== caller.tenantId && !managedByTenants.includes(caller.tenantId)) {
    throw wrongTenant(caller.tenantId, [tenantId, ...managedByTenants]);
  }
  if (access === 'none' || (access === 'costs-only' && !WITHOUT_READER.test(action))) {
    throw azureError(
      403,
      'AuthorizationFailed',
      `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform action '${action}' over scope '/subscriptions/${subscriptionId}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }
  return subscription;
}

function wrongTenant(issuer: string, tenants: readonly string[]): Error {
  const [owner = ''] = tenants;
  const issuers = tenants.map((tenant) => `https://sts.windows.net/${tenant}/`).join(',');
  const match =
    tenants.length === 1
      ? `It must match the tenant '${issuers}' associated with this subscription`
      : `It must match one of the tenants '${issuers}' associated with this subscription`;
  const message = `The access token is from the wrong issuer 'https://sts.windows.net/${issuer}/'. ${match}. Please use the authority (URL) 'https://login.windows.net/${owner}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`;
  return azureError(401, 'InvalidAuthenticationTokenTenant', message, {
    headers: {
      'www-authenticate': `Bearer authorization_uri="https://login.windows.net/${owner}", error="invalid_token", error_description="The access token is from the wrong issuer. It must match the tenant associated with this subscription. Please use correct authority to get the token."`,
    },
  });
}
