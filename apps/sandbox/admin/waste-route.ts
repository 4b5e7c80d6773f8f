import { z } from 'zod';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate } from '../estate/estate.js';
import type { Waste } from '../estate/resource.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

const DAY_MS = 86_400_000;
const wasteSchema = z.object({ subscription: z.string() });

/** Which resources of a subscription were made to be wasteful, and how. */
export function wasteRoute(estate: Estate, clock: EstateClock, resources: ResourceGenerator): AdminRoute {
  return {
    method: 'GET',
    pattern: /^\/waste$/,
    handle: ({ query }) => {
      const { subscription: id } = wasteSchema.parse(query);
      const subscription = estate.findSubscription(id);
      if (!subscription) throw new AdminError(404, `the estate has no subscription ${id}`);
      const now = clock.now();
      return {
        waste: resources
          .resourcesOn(subscription, clock.today())
          .flatMap(({ id: resourceId, waste = [] }) =>
            waste.filter((kind) => isDue(kind, now)).map(({ kind }) => ({ kind, resourceId })),
          ),
      };
    },
  };
}

function isDue({ since, days = 0 }: Waste, now: Date): boolean {
  return since === undefined || now.getTime() - Date.parse(since) >= days * DAY_MS;
}
