import { type ServiceError, azureError } from '../http/exchange.js';
import type { CostType } from './charge.js';

/** Ways in which a subscription answers cost queries; all but `normal` and `no-data` are refusals. */
export const SCOPE_ANSWERS = [
  'normal',
  'no-data',
  'unsupported-offer',
  'amortized-unsupported',
  'no-web-direct-offer',
  'subscription-not-found',
  'unauthorized',
  'billing-access-denied',
  'rbac-access-denied',
  'cost-disabled',
  'indirect-cost-disabled',
  'gateway-timeout',
] as const;
export type ScopeAnswer = (typeof SCOPE_ANSWERS)[number];

/** The refusal a subscription gives to a query of this type, or nothing when it answers. */
export function refusalOf(
  answer: ScopeAnswer,
  subscriptionId: string,
  type: CostType,
  requestId: string,
): ServiceError | undefined {
  const trail = `(Request ID: ${requestId})`;
  switch (answer) {
    case 'normal':
    case 'no-data':
      return undefined;
    case 'unsupported-offer':
      return azureError(
        400,
        '400',
        `Cost Management supports only Enterprise Agreement, Web direct and Microsoft Customer Agreement offer types. offerId: MS-AZR-0036P is associated with offerType: None ${trail}`,
      );
    case 'amortized-unsupported':
      return type === 'AmortizedCost'
        ? azureError(
            400,
            '400',
            `Invalid query definition: Invalid definition type 'AmortizedCost'; valid values: 'Usage'. ${trail}`,
          )
        : undefined;
    case 'no-web-direct-offer':
      return azureError(
        404,
        'NotFound',
        `Given subscription ${subscriptionId} doesn't have valid WebDirect/AIRS offer type. ${trail}`,
      );
    case 'subscription-not-found':
      return azureError(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);
    case 'unauthorized':
      return azureError(401, 'Unauthorized', `The caller is not authorized to read cost data. ${trail}`);
    case 'billing-access-denied':
      return azureError(
        403,
        'BillingAccessDenied',
        `Access to the billing account of subscription ${subscriptionId} is denied. ${trail}`,
      );
    case 'rbac-access-denied':
      return azureError(403, 'RBACAccessDenied', `The client does not have authorization to perform action. ${trail}`);
    case 'cost-disabled':
      return azureError(
        403,
        'SubscriptionCostDisabled',
        `Cost views are disabled for subscription ${subscriptionId}. ${trail}`,
      );
    case 'indirect-cost-disabled':
      return azureError(403, 'IndirectCostDisabled', `Indirect costs have not been enabled by the partner. ${trail}`);
    case 'gateway-timeout':
      return azureError(
        504,
        'GatewayTimeout',
        'The gateway did not receive a response within the specified time period.',
      );
  }
}
