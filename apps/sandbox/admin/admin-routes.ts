import { z } from 'zod';
import type { SigningKeys } from '../entra/signing-keys.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { AdminRoute } from './admin-route.js';
import { type ChargeCommands, alterSchema, removeSchema, totalsSchema } from './charge-commands.js';
import { type VarietyParts, varietyRoutes } from './variety-routes.js';
import { type WeatherParts, weatherRoutes } from './weather-routes.js';

/** What the admin port steers. */
export interface AdminParts extends WeatherParts, VarietyParts {
  readonly clock: EstateClock;
  readonly charges: ChargeCommands;
  readonly keys: SigningKeys;
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
/** The table of admin commands. */
export function adminRoutes(parts: AdminParts): AdminRoute[] {
  const { clock, charges } = parts;
  const clockState = (): object => ({ now: clock.now().toISOString(), running: clock.isRunning });
  return [
    ...weatherRoutes(parts),
    ...varietyRoutes(parts),
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
        ({
          subscriptionId,
          tenantId,
          displayName,
          state,
          quotaId,
          managedByTenants,
          access,
          currency,
          marketplaceCurrency,
          hasCharges,
        }) => ({
          subscriptionId,
          tenantId,
          displayName,
          state,
          quotaId,
          managedByTenants,
          access,
          currency,
          marketplaceCurrency,
          hasCharges,
        }),
      ),
    ),
  };
}
