import { z } from 'zod';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate } from '../estate/estate.js';
import type { Waste } from '../estate/resource.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import { parseResourceId } from '../estate/resource-index.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

const DAY_MS = 86_400_000;
const wasteSchema = z.object({ subscription: z.string() });
const deleteSchema = z.object({ id: z.string() });

/** Which resources were made to be wasteful, and how; and the way to be rid of one. */
export function wasteRoutes(estate: Estate, clock: EstateClock, resources: ResourceGenerator): AdminRoute[] {
  const resourcesOf = (id: string) => {
    const subscription = estate.findSubscription(id);
    if (!subscription) throw new AdminError(404, `the estate has no subscription ${id}`);
    return resources.resourcesOn(subscription, clock.today());
  };
  return [
    {
      method: 'GET',
      pattern: /^\/waste$/,
      handle: ({ query }) => {
        const now = clock.now();
        const { subscription } = wasteSchema.parse(query);
        return {
          waste: resourcesOf(subscription).flatMap(({ id, waste = [] }) =>
            waste
              .filter((kind) => isDue(kind, now))
              .map(({ kind, of }) => ({
                kind,
                resourceId: of === 'subscription' ? `/subscriptions/${subscription}` : id,
              })),
          ),
        };
      },
    },
    {
      method: 'DELETE',
      pattern: /^\/resources$/,
      handle: ({ query }) => {
        const { id } = deleteSchema.parse(query);
        const wanted = id.toLowerCase();
        const known = resourcesOf(parseResourceId(id)?.subscriptionId ?? '').some(
          (resource) => resource.id.toLowerCase() === wanted,
        );
        if (!known) throw new AdminError(404, `the estate has no resource ${id}`);
        resources.delete(id);
        estate.version++;
      },
    },
  ];
}

function isDue({ since, days = 0 }: Waste, now: Date): boolean {
  return since === undefined || now.getTime() - Date.parse(since) >= days * DAY_MS;
}
