import { z } from 'zod';
import type { CostQueryEndpoint } from '../cost-management/query-endpoint.js';
import type { QueryThrottle } from '../cost-management/query-throttle.js';
import { SCOPE_ANSWERS } from '../cost-management/scope-answers.js';
import type { SigningKeys } from '../entra/signing-keys.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate } from '../estate/estate.js';
import type { MetricsThrottle } from '../monitor/metrics-throttle.js';
import type { GraphThrottle } from '../resource-graph/graph-throttle.js';
import { AdminError } from './admin-error.js';
import { type ChargeCommands, alterSchema, removeSchema, totalsSchema } from './charge-commands.js';
import { type FaultRegistry, faultSchema } from '../http/fault-registry.js';
import type { RequestLog } from '../http/request-log.js';

/** A command with its parsed parts. */
interface AdminRequest {
  readonly body: unknown;
  readonly query: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One admin command; what it returns is the JSON answer, nothing means `{"ok":true}`. */
export interface AdminRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: (request: AdminRequest) => object | void | Promise<object | void>;
}

/** What the admin port steers. */
export interface AdminParts {
  readonly estate: Estate;
  readonly clock: EstateClock;
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
  readonly charges: ChargeCommands;
  readonly keys: SigningKeys;
  readonly costQueries: CostQueryEndpoint;
  readonly costThrottle: QueryThrottle;
  readonly graphThrottle: GraphThrottle;
  readonly metricsThrottle: MetricsThrottle;
  /** The description written to sandbox.json. */
  readonly description: () => object;
}

const DAY_MS = 86_400_000;
const clockSchema = z.strictObject({
  now: z.iso.datetime({ offset: true }).optional(),
  advanceMs: z.int().optional(),
  advanceDays: z.int().optional(),
  running: z.boolean().optional(),
});
const throttlingSchema = z.strictObject({
  costManagement: z.boolean().optional(),
  resourceGraph: z.boolean().optional(),
  monitor: z.boolean().optional(),
});
const costSchema = z.strictObject({ answer: z.enum(SCOPE_ANSWERS) });
const strictSchema = z.strictObject({ strictSpec: z.boolean() });

/** The table of admin commands. */
export function adminRoutes(parts: AdminParts): AdminRoute[] {
  const { clock, faults, log, charges, costQueries, costThrottle, graphThrottle, metricsThrottle } = parts;
  const clockState = (): object => ({ now: clock.now().toISOString(), running: clock.isRunning });
  const throttlingState = (): object => ({
    costManagement: costThrottle.isEnabled,
    resourceGraph: graphThrottle.isEnabled,
    monitor: metricsThrottle.isEnabled,
  });
  return [
    { method: 'GET', pattern: /^\/clock$/, handle: clockState },
    {
      method: 'PUT',
      pattern: /^\/clock$/,
      handle: ({ body }) => {
        const { now, advanceMs = 0, advanceDays = 0, running } = clockSchema.parse(body);
        if (now !== undefined) clock.set(new Date(now));
        clock.advance(advanceMs + advanceDays * DAY_MS);
        if (running === true) clock.run();
        if (running === false) clock.set(clock.now());
        return clockState();
      },
    },
    { method: 'GET', pattern: /^\/faults$/, handle: () => ({ faults: faults.list() }) },
    { method: 'POST', pattern: /^\/faults$/, handle: ({ body }) => faults.add(faultSchema.parse(body)) },
    { method: 'DELETE', pattern: /^\/faults$/, handle: () => faults.clear() },
    { method: 'GET', pattern: /^\/throttling$/, handle: throttlingState },
    {
      method: 'PUT',
      pattern: /^\/throttling$/,
      handle: ({ body }) => {
        const { costManagement, resourceGraph, monitor } = throttlingSchema.parse(body);
        if (costManagement !== undefined) costThrottle.setEnabled(costManagement);
        if (resourceGraph !== undefined) graphThrottle.setEnabled(resourceGraph);
        if (monitor !== undefined) metricsThrottle.setEnabled(monitor);
        return throttlingState();
      },
    },
    {
      method: 'PUT',
      pattern: /^\/cost-management$/,
      handle: ({ body }) => {
        costQueries.strictSpec = strictSchema.parse(body).strictSpec;
      },
    },
    {
      method: 'PUT',
      pattern: /^\/subscriptions\/(?<subscriptionId>[^/]+)\/cost$/,
      handle: ({ body, parameters: { subscriptionId = '' } }) => {
        if (!parts.estate.findSubscription(subscriptionId)) {
          throw new AdminError(404, `the estate has no subscription ${subscriptionId}`);
        }
        costQueries.setAnswer(subscriptionId, costSchema.parse(body).answer);
      },
    },
    { method: 'GET', pattern: /^\/charges$/, handle: ({ query }) => charges.list(totalsSchema.parse(query)) },
    { method: 'GET', pattern: /^\/charges\/totals$/, handle: ({ query }) => charges.totals(totalsSchema.parse(query)) },
    { method: 'POST', pattern: /^\/charges\/remove$/, handle: ({ body }) => charges.remove(removeSchema.parse(body)) },
    { method: 'POST', pattern: /^\/charges\/alter$/, handle: ({ body }) => charges.alter(alterSchema.parse(body)) },
    { method: 'DELETE', pattern: /^\/charges\/overrides$/, handle: () => charges.clear() },
    {
      method: 'POST',
      pattern: /^\/keys\/rotate$/,
      handle: async () => ({ keyId: (await parts.keys.rotate()).keyId }),
    },
    { method: 'GET', pattern: /^\/requests$/, handle: () => ({ requests: log.list() }) },
    { method: 'DELETE', pattern: /^\/requests$/, handle: () => log.clear() },
    { method: 'GET', pattern: /^\/estate$/, handle: () => estateBody(parts) },
  ];
}

function estateBody({ estate, description }: AdminParts): object {
  return {
    ...description(),
    size: estate.size,
    users: estate.tenants.flatMap(({ tenantId, users }) =>
      users.map(({ username, role, objectId }) => ({ tenantId, username, role, objectId })),
    ),
    subscriptions: estate.tenants.flatMap(({ subscriptions }) =>
      subscriptions.map(
        ({ subscriptionId, tenantId, displayName, state, currency, marketplaceCurrency, hasCharges }) => ({
          subscriptionId,
          tenantId,
          displayName,
          state,
          currency,
          marketplaceCurrency,
          hasCharges,
        }),
      ),
    ),
  };
}
