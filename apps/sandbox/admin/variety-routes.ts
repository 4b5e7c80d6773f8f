import { z } from 'zod';
import type { CostQueryEndpoint } from '../cost-management/query-endpoint.js';
import { SCOPE_ANSWERS } from '../cost-management/scope-answers.js';
import { type Estate, SUBSCRIPTION_ACCESS, SUBSCRIPTION_STATES, type Subscription } from '../estate/estate.js';
import type { ResourceGraphEndpoint } from '../resource-graph/graph-endpoint.js';
import { RESULT_FORMATS } from '../resource-graph/graph-request.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

/** What makes one subscription, or one reading of the documentation, differ from another. */
export interface VarietyParts {
  readonly estate: Estate;
  readonly costQueries: CostQueryEndpoint;
  readonly resourceGraph: ResourceGraphEndpoint;
}

const subscriptionSchema = z.strictObject({
  state: z.enum(SUBSCRIPTION_STATES).optional(),
  quotaId: z.string().min(1).optional(),
  /** The tenant it moves to, which need not be one of the estate. */
  tenant: z.guid().optional(),
  /** Tenants it is delegated to, by Azure Lighthouse; an empty list takes delegations back. */
  delegatedTo: z.array(z.guid()).optional(),
  access: z.enum(SUBSCRIPTION_ACCESS).optional(),
});
const costSchema = z.strictObject({ answer: z.enum(SCOPE_ANSWERS) });
const costManagementSchema = z.strictObject({
  strictSpec: z.boolean().optional(),
  month: z.enum(['datetime', 'number']).optional(),
  datePosition: z.enum(['before-groupings', 'after-groupings']).optional(),
});
const graphSchema = z.strictObject({ defaultFormat: z.enum([...RESULT_FORMATS, 'by-version']) });

/** The commands that change subscriptions and settle what sources disagree about. */
export function varietyRoutes({ estate, costQueries, resourceGraph }: VarietyParts): AdminRoute[] {
  const subscriptionOf = (subscriptionId: string): Subscription => {
    const subscription = estate.findSubscription(subscriptionId);
    if (!subscription) throw new AdminError(404, `the estate has no subscription ${subscriptionId}`);
    return subscription;
  };
  return [
    {
      method: 'PUT',
      pattern: /^\/subscriptions\/(?<subscriptionId>[^/]+)$/,
      handle: ({ body, parameters: { subscriptionId = '' } }) => {
        const { tenant, delegatedTo, ...change } = subscriptionSchema.parse(body);
        estate.change(subscriptionOf(subscriptionId), {
          ...change,
          ...(tenant !== undefined && { tenantId: tenant.toLowerCase() }),
          ...(delegatedTo !== undefined && { managedByTenants: delegatedTo.map((id) => id.toLowerCase()) }),
        });
      },
    },
    {
      method: 'PUT',
      pattern: /^\/subscriptions\/(?<subscriptionId>[^/]+)\/cost$/,
      handle: ({ body, parameters: { subscriptionId = '' } }) => {
        costQueries.setAnswer(subscriptionOf(subscriptionId).subscriptionId, costSchema.parse(body).answer);
      },
    },
    {
      method: 'PUT',
      pattern: /^\/cost-management$/,
      handle: ({ body }) => {
        const { strictSpec, ...conventions } = costManagementSchema.parse(body);
        if (strictSpec !== undefined) costQueries.strictSpec = strictSpec;
        costQueries.setConventions(conventions);
      },
    },
    {
      method: 'PUT',
      pattern: /^\/resource-graph$/,
      handle: ({ body }) => {
        const { defaultFormat } = graphSchema.parse(body);
        resourceGraph.defaultFormat = defaultFormat === 'by-version' ? undefined : defaultFormat;
      },
    },
  ];
}
