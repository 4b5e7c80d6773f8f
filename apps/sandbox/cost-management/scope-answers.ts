import { type ServiceError, azureError } from '../http/exchange.js';
import type { Subscription } from '../estate/estate.js';
import type { CostType } from './charge.js';

/** Answers that are no refusals: the usual one, 204, and the two forms of an empty 200. */
const EMPTY_ANSWERS = ['normal', 'no-data', 'empty-object', 'empty-rows'] as const;

/** A refusal as the service words it; the text may name the subscription. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: (subscriptionId: string) => string;
  /** Only queries of this type are refused. */
  readonly type?: CostType;
  /** Whether the message ends in the request's id. */
  readonly isTraced?: boolean;
}

const refusal = (
  status: number,
  code: string,
  message: string | ((subscriptionId: string) => string),
  rest: Pick<Refusal, 'type' | 'isTraced'> = {},
): Refusal => ({
  status,
  code,
  message: typeof message === 'string' ? () => message : message,
  isTraced: true,
  ...rest,
});

const offerRefusal = (offerId: string): Refusal =>
  refusal(
    400,
    '400',
    `Cost Management supports only Enterprise Agreement, Web direct and Microsoft Customer Agreement offer types. offerId: ${offerId} is associated with offerType: None`,
  );

const REFUSALS = {
  'unsupported-offer': offerRefusal('MS-AZR-0036P'),
  'offer-not-supported': refusal(400, 'BadRequest', 'The offer MS-AZR-0036P is not supported.'),
  'too-many-subscriptions': refusal(
    400,
    'BadRequest',
    'The scope has too many subscriptions. Please query each subscription, or fewer of them, at a time.',
  ),
  'amortized-unsupported': refusal(
    400,
    '400',
    "Invalid query definition: Invalid definition type 'AmortizedCost'; valid values: 'Usage'.",
    { type: 'AmortizedCost' },
  ),
  'billing-subscription-not-found': refusal(
    400,
    'BillingSubscriptionNotFound',
    (id) => `The billing subscription of ${id} was not found.`,
  ),
  'usage-not-supported': refusal(400, 'BadRequest', 'The query usage is not supported for the scope.'),
  'no-web-direct-offer': refusal(
    404,
    'NotFound',
    (id) => `Given subscription ${id} doesn't have valid WebDirect/AIRS offer type.`,
  ),
  'cost-data-not-supported': refusal(
    404,
    'NotFound',
    (id) => `Cost management data is not supported for subscription(s) ${id}.`,
  ),
  // What a subscription younger than 48 hours answers, too.
  'subscription-not-found': refusal(
    404,
    'SubscriptionNotFound',
    (id) => `The subscription '${id}' could not be found.`,
    { isTraced: false },
  ),
  unauthorized: refusal(401, 'Unauthorized', 'The caller is not authorized to read cost data.'),
  'rbac-access-denied': refusal(403, 'RBACAccessDenied', 'The client does not have authorization to perform action.'),
  'authorization-failed': refusal(
    403,
    'AuthorizationFailed',
    (id) =>
      `The client does not have authorization to perform action 'Microsoft.CostManagement/query/read' over scope '/subscriptions/${id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    { isTraced: false },
  ),
  'billing-access-denied': refusal(
    403,
    'BillingAccessDenied',
    (id) => `Access to the billing account of subscription ${id} is denied.`,
  ),
  'account-cost-disabled': refusal(403, 'AccountCostDisabled', 'Cost views are disabled for account owners.'),
  'department-cost-disabled': refusal(
    403,
    'DepartmentCostDisabled',
    'Cost views are disabled for department administrators.',
  ),
  'cost-disabled': refusal(403, 'SubscriptionCostDisabled', (id) => `Cost views are disabled for subscription ${id}.`),
  'indirect-cost-disabled': refusal(
    403,
    'IndirectCostDisabled',
    'Indirect costs have not been enabled by the partner.',
  ),
  'disallowed-operation': refusal(
    403,
    'DisallowedOperation',
    (id) => `The type of subscription ${id} cannot be billed.`,
  ),
  'failed-dependency': refusal(
    424,
    'FailedDependency',
    'The costs of the scope have several currencies, or not enough history.',
  ),
  'requests-throttled': refusal(429, 'ResourceRequestsThrottled', 'Too many requests. Please retry.', {
    isTraced: false,
  }),
  'server-timeout': refusal(500, 'ServerTimeout', 'The request timed out. Simplify the query or its grouping.'),
  'service-unavailable': refusal(503, 'ServiceUnavailable', 'The service is unavailable. Please retry.'),
  'gateway-timeout': refusal(
    504,
    'GatewayTimeout',
    'The gateway did not receive a response within the specified time period.',
    { isTraced: false },
  ),
} satisfies Record<string, Refusal>;

export type ScopeAnswer = (typeof EMPTY_ANSWERS)[number] | keyof typeof REFUSALS;

/** Ways in which a subscription answers cost queries. */
export const SCOPE_ANSWERS = [...EMPTY_ANSWERS, ...(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[])] as const;

/** Quotas of offers without cost data, with the offer that the refusal names. */
const UNSUPPORTED_QUOTAS: Readonly<Record<string, string>> = {
  'CSP_2015-05-01': 'MS-AZR-0145P',
  'Sponsored_2016-01-01': 'MS-AZR-0036P',
  'AzureForStudents_2018-01-01': 'MS-AZR-0170P',
  'DreamSpark_2015-02-01': 'MS-AZR-0144P',
  'AzurePass_2014-09-01': 'MS-AZR-0120P',
  'Default_2014-09-01': 'MS-AZR-0043P',
};

/** The refusal a subscription gives to a query of this type, or nothing when it answers. */
export function refusalOf(
  answer: ScopeAnswer,
  { subscriptionId, quotaId }: Subscription,
  type: CostType,
  requestId: string,
): ServiceError | undefined {
  const offerId = UNSUPPORTED_QUOTAS[quotaId];
  const found: Refusal | undefined =
    answer in REFUSALS
      ? REFUSALS[answer as keyof typeof REFUSALS]
      : answer === 'normal' && offerId !== undefined
        ? offerRefusal(offerId)
        : undefined;
  if (!found || (found.type !== undefined && found.type !== type)) return undefined;
  const text = found.message(subscriptionId);
  return azureError(found.status, found.code, found.isTraced ? `${text} (Request ID: ${requestId})` : text);
}
