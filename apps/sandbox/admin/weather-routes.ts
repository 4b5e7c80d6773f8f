import { z } from 'zod';
import type { QueryThrottle } from '../cost-management/query-throttle.js';
import type { Estate } from '../estate/estate.js';
import { faultSchema } from '../http/fault.js';
import type { FaultRegistry } from '../http/fault-registry.js';
import type { RequestLog } from '../http/request-log.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

/** Limits of one service that can be switched on and off. */
export interface Throttle {
  readonly isEnabled: boolean;
  setEnabled(isEnabled: boolean): void;
}

/** What the weather is made of. */
export interface WeatherParts {
  readonly estate: Estate;
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
  readonly costThrottle: QueryThrottle;
  /** Every service's limits under the name they are switched by. */
  readonly throttles: Readonly<Record<string, Throttle>>;
}

const MAX_CLIENT_TYPE_REQUESTS = 2_000;
const consumeSchema = z.strictObject({ tenant: z.string(), qpu: z.int().min(1).max(100_000) });

/** The commands for faults, limits, and what was asked. */
export function weatherRoutes({ estate, faults, log, costThrottle, throttles }: WeatherParts): AdminRoute[] {
  const throttlingSchema = z.strictObject({
    ...Object.fromEntries(Object.keys(throttles).map((name) => [name, z.boolean().optional()])),
    defaultClientTypeRemaining: z.int().min(0).max(MAX_CLIENT_TYPE_REQUESTS).optional(),
  });
  const throttlingState = (): object => ({
    ...Object.fromEntries(Object.entries(throttles).map(([name, { isEnabled }]) => [name, isEnabled])),
    defaultClientTypeRemaining: costThrottle.defaultClientTypeRemaining,
  });
  return [
    { method: 'GET', pattern: /^\/faults$/, handle: () => ({ faults: faults.list() }) },
    { method: 'POST', pattern: /^\/faults$/, handle: ({ body }) => faults.add(faultSchema.parse(body)) },
    { method: 'DELETE', pattern: /^\/faults$/, handle: () => faults.clear() },
    { method: 'GET', pattern: /^\/throttling$/, handle: throttlingState },
    {
      method: 'PUT',
      pattern: /^\/throttling$/,
      handle: ({ body }) => {
        const { defaultClientTypeRemaining, ...switches } = throttlingSchema.parse(body);
        for (const [name, isEnabled] of Object.entries(switches)) {
          if (typeof isEnabled === 'boolean') throttles[name]?.setEnabled(isEnabled);
        }
        if (defaultClientTypeRemaining !== undefined) {
          costThrottle.defaultClientTypeRemaining = defaultClientTypeRemaining;
        }
        return throttlingState();
      },
    },
    {
      method: 'POST',
      pattern: /^\/throttling\/consume$/,
      handle: ({ body }) => {
        const { tenant, qpu } = consumeSchema.parse(body);
        const tenantId = estate.findTenant(tenant)?.tenantId;
        if (tenantId === undefined) throw new AdminError(404, `the estate has no tenant ${tenant}`);
        if (!costThrottle.isEnabled) throw new AdminError(409, 'nothing to consume: the limits are switched off');
        costThrottle.consumeForOthers(tenantId, qpu);
      },
    },
    { method: 'GET', pattern: /^\/requests$/, handle: () => ({ requests: log.list() }) },
    { method: 'DELETE', pattern: /^\/requests$/, handle: () => log.clear() },
    { method: 'GET', pattern: /^\/requests\/counts$/, handle: () => ({ counts: log.counts() }) },
    { method: 'DELETE', pattern: /^\/requests\/counts$/, handle: () => log.resetCounts() },
  ];
}
