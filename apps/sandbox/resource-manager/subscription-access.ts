import type { Caller } from '../entra/bearer-tokens.js';
import type { Estate, Subscription } from '../estate/estate.js';
import { azureError } from '../http/exchange.js';

/**
 * The subscription, when the caller's tenant owns it. Throws the 404 of an unknown subscription or, for one of
 * another tenant, the 403 of a missing role assignment for `action`.
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
  if (subscription.tenantId !== caller.tenantId) {
    throw azureError(
      403,
      'AuthorizationFailed',
      `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform action '${action}' over scope '/subscriptions/${subscriptionId}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }
  return subscription;
}
