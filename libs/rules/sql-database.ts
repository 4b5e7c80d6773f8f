import type { InventoryResource } from '#core/facts.js';
import { textAt } from './property.js';

/**
 * Why a database has no price of its own to be judged by, as a reason code; undefined for one that is provisioned, on
 * line and stands alone.
 */
export function otherThanProvisioned(database: InventoryResource): string | undefined {
  const kind = database.kind ?? '';
  const tier = textAt(database, 'sku.tier') ?? '';
  const objective = textAt(database, 'properties.currentServiceObjectiveName') ?? '';
  // Resource Graph names databases alone, Resource Manager after their server.
  if (/(^|\/)master$/i.test(database.name) || /\bsystem\b/i.test(kind)) return 'system_database';
  if (/datawarehouse/i.test(`${kind} ${tier}`)) return 'data_warehouse';
  if (/\bpool\b/i.test(kind) || textAt(database, 'properties.elasticPoolId') || /^elasticpool$/i.test(objective))
    return 'pooled';
  if (/serverless/i.test(kind) || /^(GP|BC|HS)_S_/i.test(objective)) return 'serverless';
  if (/hyperscale/i.test(tier) || /^HS_/i.test(objective)) return 'hyperscale';
  if (textAt(database, 'properties.secondaryType') || textAt(database, 'properties.failoverGroupId'))
    return 'replicated';
  const status = textAt(database, 'properties.status');
  return status !== undefined && !/^online$/i.test(status) ? 'not_online' : undefined;
}

export interface DatabaseSize {
  objective: string;
  /** DTUs or vCores. */
  capacity: number;
  /** The largest maximum size that a database of this size may have. */
  maxSizeGiB: number;
}

const GIB = 1024 ** 3;

/** Objective, capacity and storage of what is sold, smallest first. Source: resource limits of single databases. */
const STANDARD =
  'S0 10 250, S1 20 250, S2 50 250, S3 100 1024, S4 200 1024, S6 400 1024, S7 800 1024, S9 1600 1024, S12 3000 1024';
const PREMIUM = 'P1 125 1024, P2 250 1024, P4 500 1024, P6 1000 1024, P11 1750 4096, P15 4000 4096';
const GEN5 = [
  ...[2, 4].map((cores) => `${cores} ${cores} 1024`),
  '6 6 1536',
  ...[8, 10].map((cores) => `${cores} ${cores} 2048`),
  ...[12, 14, 16, 18, 20].map((cores) => `${cores} ${cores} 3072`),
  ...[24, 32, 40, 80, 128].map((cores) => `${cores} ${cores} 4096`),
].join(', ');
const LADDERS = [ladder(STANDARD), ladder(PREMIUM), ladder(GEN5, 'GP_Gen5_'), ladder(GEN5, 'BC_Gen5_')];

/** The size of an objective such as `S3` or `GP_Gen5_4`, and the next lower one of its tier. */
export function databaseSizes(objective: string): { current: DatabaseSize; lower: DatabaseSize | undefined } | null {
  for (const sizes of LADDERS) {
    const index = sizes.findIndex((size) => size.objective.toLowerCase() === objective.toLowerCase());
    if (index >= 0) return { current: sizes[index]!, lower: sizes[index - 1] };
  }
  return null;
}

/** Whether a maximum size in bytes is allowed. */
export function holds({ maxSizeGiB }: DatabaseSize, bytes: number): boolean {
  return bytes <= maxSizeGiB * GIB;
}

function ladder(table: string, prefix = ''): readonly DatabaseSize[] {
  return table.split(', ').map((line) => {
    const [name, capacity, maxSizeGiB] = line.split(' ');
    return { objective: `${prefix}${name}`, capacity: Number(capacity), maxSizeGiB: Number(maxSizeGiB) };
  });
}
