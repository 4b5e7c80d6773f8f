import { z } from 'zod';
import type { Estate } from '../estate/estate.js';
import { type MetricsTruth, truthSchema } from '../monitor/metrics-truth.js';
import type { MonitorSettings } from '../monitor/monitor-settings.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

const monitorSchema = z.strictObject({
  audience: z.enum(['management', 'metrics', 'both']).optional(),
  throttleStatus: z.union([z.literal(429), z.literal(529)]).optional(),
  callsPer30Seconds: z.int().min(1).optional(),
});
const accessSchema = z.strictObject({ access: z.enum(['allowed', 'no-reader', 'provider-unregistered']) });

/** The admin commands of Monitor. */
export function monitorAdminRoutes(estate: Estate, settings: MonitorSettings, truth: MetricsTruth): AdminRoute[] {
  const { throttle } = settings;
  const state = (): object => ({
    audience: settings.audience,
    throttleStatus: throttle.refusalStatus,
    callsPer30Seconds: throttle.callsPerPeriod,
  });
  return [
    { method: 'GET', pattern: /^\/monitor$/, handle: state },
    {
      method: 'PUT',
      pattern: /^\/monitor$/,
      handle: ({ body }) => {
        const { audience, throttleStatus, callsPer30Seconds } = monitorSchema.parse(body);
        settings.audience = audience ?? settings.audience;
        throttle.refusalStatus = throttleStatus ?? throttle.refusalStatus;
        throttle.callsPerPeriod = callsPer30Seconds ?? throttle.callsPerPeriod;
        return state();
      },
    },
    {
      method: 'PUT',
      pattern: /^\/subscriptions\/(?<subscriptionId>[^/]+)\/monitor$/,
      handle: ({ body, parameters: { subscriptionId = '' } }) => {
        if (!estate.findSubscription(subscriptionId)) {
          throw new AdminError(404, `the estate has no subscription ${subscriptionId}`);
        }
        settings.setAccess(subscriptionId, accessSchema.parse(body).access);
      },
    },
    { method: 'GET', pattern: /^\/metrics\/truth$/, handle: ({ query }) => truth.of(truthSchema.parse(query)) },
  ];
}
