import { z } from 'zod';
import { isDay } from '#core/day.js';
import type { ChargeGenerator } from '../cost-management/charge-generator.js';
import type { LakeStore } from '../data-lake/lake-store.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate } from '../estate/estate.js';
import { EXPORT_TYPES } from '../exports/export-rows.js';
import { EXPORT_FORMATS, writeExport } from '../exports/export-writer.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

const exportSchema = z.strictObject({
  /** Entra tenant whose subscriptions are exported; the home tenant by default. */
  tenant: z.string().optional(),
  name: z.string().regex(/^[\w-]+$/),
  type: z.enum(EXPORT_TYPES).default('FocusCost'),
  month: z
    .string()
    .transform((month) => `${month}-01`)
    .refine(isDay, 'a month is written YYYY-MM'),
  format: z.enum(EXPORT_FORMATS).default('csv'),
  partitionRows: z.int().min(1).default(500_000),
  fileSystem: z.string().default('exports'),
  directory: z
    .string()
    .regex(/^[\w-]+(\/[\w-]+)*$/)
    .default('costs'),
  timestamped: z.boolean().default(false),
});

/** Runs of Cost Management exports, written into the sandbox's own lake. */
export function exportAdminRoutes(
  estate: Estate,
  clock: EstateClock,
  charges: ChargeGenerator,
  lake: LakeStore,
): AdminRoute[] {
  return [
    {
      method: 'POST',
      pattern: /^\/exports$/,
      handle: async ({ body }) => {
        const { tenant: tenantId, fileSystem, name, ...rest } = exportSchema.parse(body);
        const tenant = tenantId === undefined ? estate.homeTenant : estate.findTenant(tenantId);
        if (!tenant) throw new AdminError(404, `the estate has no tenant ${tenantId}`);
        const now = clock.now();
        return writeExport(
          await lake.ensureFileSystem(fileSystem),
          { ...rest, exportName: name },
          tenant.subscriptions,
          (subscription, range, type) => charges.chargesOf(subscription, range, type, now),
          now,
        );
      },
    },
  ];
}
