import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { CostRecord } from '#core/records.js';

/** What the rollup tells charges apart by, beside day and currency. */
export interface RollupKey {
  provider: string;
  billingAccountId: string | null;
  subscriptionId: string | null;
  serviceName: string | null;
}

/** A stored combination of everything that describes a charge. */
export interface CostDimension {
  id: string;
  rollup: RollupKey;
}

/** Columns that describe a charge, in the order of `valuesOf`. */
const COLUMNS = [
  'provider',
  'billing_account_id',
  'subscription_id',
  'resource_group',
  'service_name',
  'meter_category',
  'charge_type',
  'pricing_model',
  'publisher',
  'location',
  'resource_id',
].join(', ');

/** Ordered by key, so that two workers that need the same new dimensions cannot deadlock. $1 tenant, $2 keys, then columns. */
const INSERT = `
  INSERT INTO cost_dimensions (tenant_id, key, ${COLUMNS})
  SELECT $1, f.* FROM unnest($2::bytea[], ${Array.from({ length: 11 }, (_, index) => `$${index + 3}::text[]`).join(', ')})
    AS f (key, ${COLUMNS})
  ORDER BY key
  ON CONFLICT (tenant_id, key) DO NOTHING`;
const SELECT = `SELECT id, encode(key, 'hex') AS key FROM cost_dimensions WHERE tenant_id = $1 AND key = ANY($2::bytea[])`;

/** Combinations remembered in each of two generations: a month repeats one about thirty times, mostly within a window. */
const GENERATION = 50_000;
/** Noncharacters, which no text of a charge holds. */
const END = '\uffff';
const ABSENT = '\ufffe';

/**
 * The ids of charges' dimensions. Those met before are remembered, so that a charge costs one look-up; new ones are
 * stored at once, in a transaction of their own: spare dimensions do no harm.
 */
export class CostDimensions {
  #recent = new Map<string, CostDimension>();
  #older = new Map<string, CostDimension>();
  readonly #rollups = new Map<string, RollupKey>();

  /** The dimension of each record, in their order; `client` must not be in a transaction. */
  async resolve(client: PoolClient, tenantId: string, records: readonly CostRecord[]): Promise<CostDimension[]> {
    const found: (CostDimension | undefined)[] = [];
    const missing = new Map<string, { values: Values; at: number[] }>();
    for (const [index, record] of records.entries()) {
      const key = keyOf(tenantId, record);
      const dimension = this.#find(key);
      found.push(dimension);
      if (dimension) continue;
      const others = missing.get(key);
      if (others) others.at.push(index);
      else missing.set(key, { values: valuesOf(record), at: [index] });
    }
    if (missing.size > 0) {
      const ids = await store(
        client,
        tenantId,
        [...missing.values()].map(({ values }) => values),
      );
      for (const [key, { values, at }] of missing) {
        const dimension = { id: ids.next().value!, rollup: this.#rollupOf(values) };
        this.#keep(key, dimension);
        for (const index of at) found[index] = dimension;
      }
    }
    return found as CostDimension[];
  }

  #find(key: string): CostDimension | undefined {
    const recent = this.#recent.get(key);
    if (recent) return recent;
    const older = this.#older.get(key);
    if (older) this.#keep(key, older);
    return older;
  }

  #keep(key: string, dimension: CostDimension): void {
    if (this.#recent.size >= GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, dimension);
  }

  /** One object for all dimensions that share it, so that telling them apart compares no text. */
  #rollupOf([provider, billingAccountId, subscriptionId, , serviceName]: Values): RollupKey {
    const key = JSON.stringify([provider, billingAccountId, subscriptionId, serviceName]);
    let rollup = this.#rollups.get(key);
    if (!rollup) {
      if (this.#rollups.size >= GENERATION) this.#rollups.clear();
      rollup = {
        provider: provider!,
        billingAccountId: billingAccountId ?? null,
        subscriptionId: subscriptionId ?? null,
        serviceName: serviceName ?? null,
      };
      this.#rollups.set(key, rollup);
    }
    return rollup;
  }
}

type Values = readonly (string | null)[];

/** Answers the ids of the combinations, in their order; those that another worker stored first are taken from it. */
async function store(client: PoolClient, tenantId: string, combinations: readonly Values[]): Promise<Iterator<string>> {
  // A hash, because the columns together can outgrow an index entry.
  const hashes = combinations.map((values) => createHash('sha256').update(JSON.stringify(values)).digest('hex'));
  const keys = hashes.map((hash) => `\\x${hash}`);
  const columns = combinations[0]!.map((_, column) => combinations.map((values) => values[column]!));
  await client.query('BEGIN');
  try {
    await client.query(`SELECT set_config('azcops.tenant_id', $1, true)`, [tenantId]);
    await client.query(INSERT, [tenantId, keys, ...columns]);
    const { rows } = await client.query<{ id: string; key: string }>(SELECT, [tenantId, keys]);
    await client.query('COMMIT');
    const ids = new Map(rows.map(({ id, key }) => [key, id]));
    return hashes.map((hash) => ids.get(hash)!).values();
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function keyOf(tenantId: string, record: CostRecord): string {
  const { provider, billingAccountId, subscriptionId, resourceGroup, serviceName, meterCategory } = record;
  const { chargeType, pricingModel, publisher, location, resourceId } = record;
  return (
    tenantId +
    END +
    provider +
    END +
    (billingAccountId ?? ABSENT) +
    END +
    (subscriptionId ?? ABSENT) +
    END +
    (resourceGroup ?? ABSENT) +
    END +
    (serviceName ?? ABSENT) +
    END +
    (meterCategory ?? ABSENT) +
    END +
    (chargeType ?? ABSENT) +
    END +
    (pricingModel ?? ABSENT) +
    END +
    (publisher ?? ABSENT) +
    END +
    (location ?? ABSENT) +
    END +
    (resourceId ?? ABSENT)
  );
}

/** Without the character that PostgreSQL cannot hold. */
function valuesOf(record: CostRecord): Values {
  return [
    record.provider,
    record.billingAccountId,
    record.subscriptionId,
    record.resourceGroup,
    record.serviceName,
    record.meterCategory,
    record.chargeType,
    record.pricingModel,
    record.publisher,
    record.location,
    record.resourceId,
  ].map((value) => value?.replaceAll('\0', '') ?? null);
}
