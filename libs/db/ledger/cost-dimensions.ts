import { hash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { CostDimension, CostRecord } from '#core/records.js';

/** What the rollup tells charges apart by, beside day and currency. */
export interface RollupKey {
  provider: string;
  billingAccountId: string | null;
  subscriptionId: string | null;
  serviceName: string | null;
}

/** What describes a charge: our names, and the columns that hold them. */
const FIELDS = {
  provider: 'provider',
  billingAccountId: 'billing_account_id',
  subscriptionId: 'subscription_id',
  resourceGroup: 'resource_group',
  serviceName: 'service_name',
  meterCategory: 'meter_category',
  chargeType: 'charge_type',
  pricingModel: 'pricing_model',
  publisher: 'publisher',
  location: 'location',
  resourceId: 'resource_id',
} as const satisfies Record<keyof CostDimension, string>;
type Field = keyof typeof FIELDS;
const FIELD_NAMES = Object.keys(FIELDS) as Field[];
const COLUMNS = Object.values(FIELDS).join(', ');

/** Ordered by key, so that two workers that need the same new dimensions cannot deadlock. $1 tenant, $2 dimensions as JSON. */
const INSERT = `
  INSERT INTO cost_dimensions (tenant_id, key, ${COLUMNS})
  SELECT $1, decode(key, 'hex'), ${COLUMNS}
  FROM json_to_recordset($2::json) AS f (key text, ${Object.values(FIELDS)
    .map((column) => `${column} text`)
    .join(', ')})
  ORDER BY key
  ON CONFLICT (tenant_id, key) DO NOTHING
  RETURNING id, encode(key, 'hex') AS key`;
/**
 * Key by key: of a table that grew since it was last analysed PostgreSQL believes that a tenant has few rows, and would read
 * all of them for some keys.
 */
const SELECT = `
  SELECT d.id, encode(k.key, 'hex') AS key
  FROM unnest($2::bytea[]) AS k (key)
  CROSS JOIN LATERAL (SELECT id FROM cost_dimensions WHERE tenant_id = $1 AND key = k.key OFFSET 0) d`;

/** What many dimensions have in common. */
const SHARED_FIELDS = FIELD_NAMES.filter((name) => name !== 'resourceId') as Exclude<Field, 'resourceId'>[];

/** Combinations remembered in each of two generations: a month repeats one about thirty times, mostly within a window. */
const GENERATION = 15_000;

/** A combination of everything that describes a charge. */
export interface KnownDimension {
  readonly tenantId: string;
  readonly dimension: CostDimension;
  readonly rollup: RollupKey;
  /** Null until it is stored. */
  id: string | null;
}

/** Stored by one statement, at most. */
const STORED_AT_ONCE = 5_000;

/** The dimensions of charges and their ids. Those met before are remembered, so that a charge costs one look-up. */
export class CostDimensions {
  #recent = new Map<string, KnownDimension[]>();
  #older = new Map<string, KnownDimension[]>();
  #kept = 0;
  readonly #texts = new Map<string, string>();
  readonly #rollups = new Map<string, RollupKey>();

  /** The dimension of each record, in their order, stored or not. */
  of(tenantId: string, records: readonly CostRecord[]): KnownDimension[] {
    const met = new Map<CostDimension, KnownDimension>();
    return records.map(({ dimension }) => {
      let found = met.get(dimension);
      if (!found) met.set(dimension, (found = this.#find(tenantId, dimension)));
      return found;
    });
  }

  /**
   * Gives an id to those that have none, in transactions of their own: spare dimensions do no harm. `client` must not be in
   * a transaction.
   */
  async store(client: PoolClient, tenantId: string, dimensions: Iterable<KnownDimension>): Promise<void> {
    const missing = [...dimensions].filter(({ id }) => id === null);
    for (let first = 0; first < missing.length; first += STORED_AT_ONCE) {
      const some = missing.slice(first, first + STORED_AT_ONCE);
      const ids = await store(
        client,
        tenantId,
        some.map(({ dimension }) => valuesOf(dimension)),
      );
      for (const [index, each] of some.entries()) each.id ??= ids[index]!;
    }
  }

  #find(tenantId: string, dimension: CostDimension): KnownDimension {
    const { resourceId, subscriptionId, resourceGroup, meterCategory } = dimension;
    const bucket = resourceId ?? `${subscriptionId} ${resourceGroup} ${meterCategory}`;
    const isSame = (each: KnownDimension) => each.tenantId === tenantId && describesSame(each.dimension, dimension);
    const recent = this.#recent.get(bucket)?.find(isSame);
    if (recent) return recent;
    const found = this.#older.get(bucket)?.find(isSame) ?? this.#begin(tenantId, dimension);
    if (this.#kept >= GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#kept = 0;
    }
    const others = this.#recent.get(bucket);
    if (others) others.push(found);
    else this.#recent.set(found.dimension.resourceId ?? bucket, [found]);
    this.#kept += 1;
    return found;
  }

  #begin(tenantId: string, dimension: CostDimension): KnownDimension {
    const own = this.#copyOf(dimension);
    return { tenantId, dimension: own, rollup: this.#rollupOf(valuesOf(own)), id: null };
  }

  /**
   * Of its own, because texts that were cut out of a page or a file would keep all of that in memory; what is not the
   * resource's own is kept once for all.
   */
  #copyOf(dimension: CostDimension): CostDimension {
    if (this.#texts.size >= GENERATION) this.#texts.clear();
    const copy = { ...dimension, resourceId: structuredClone(dimension.resourceId) };
    for (const name of SHARED_FIELDS) {
      const text = copy[name];
      if (text === null) continue;
      const own = this.#texts.get(text) ?? structuredClone(text);
      this.#texts.set(own, own);
      copy[name] = own;
    }
    return copy;
  }

  /** One object for all dimensions that share it, so that telling them apart compares no text. */
  #rollupOf({ provider, billingAccountId, subscriptionId, serviceName }: Values): RollupKey {
    const key = JSON.stringify([provider, billingAccountId, subscriptionId, serviceName]);
    let rollup = this.#rollups.get(key);
    if (!rollup) {
      if (this.#rollups.size >= GENERATION) this.#rollups.clear();
      rollup = { provider: provider!, billingAccountId, subscriptionId, serviceName };
      this.#rollups.set(key, rollup);
    }
    return rollup;
  }
}

/** Written out, because most charges pass here. */
function describesSame(a: CostDimension, b: CostDimension): boolean {
  return (
    a.resourceId === b.resourceId &&
    a.meterCategory === b.meterCategory &&
    a.serviceName === b.serviceName &&
    a.chargeType === b.chargeType &&
    a.pricingModel === b.pricingModel &&
    a.publisher === b.publisher &&
    a.resourceGroup === b.resourceGroup &&
    a.subscriptionId === b.subscriptionId &&
    a.provider === b.provider &&
    a.billingAccountId === b.billingAccountId &&
    a.location === b.location
  );
}

type Values = Readonly<Record<Field, string | null>>;

/**
 * Answers the ids of the combinations, in their order. Most are stored already, by this month's earlier reads: looking for
 * them first takes a quarter of the time of trying to insert them.
 */
async function store(client: PoolClient, tenantId: string, combinations: readonly Values[]): Promise<string[]> {
  // A hash, because the columns together can outgrow an index entry.
  const keys = combinations.map((values) =>
    hash('sha256', JSON.stringify(FIELD_NAMES.map((name) => values[name])), 'hex'),
  );
  const ids = new Map<string, string>();
  const note = ({ rows }: { rows: { id: string; key: string }[] }) => {
    for (const { id, key } of rows) ids.set(key, id);
  };
  const missing = () => [...keys.keys()].filter((place) => !ids.has(keys[place]!));
  const look = async (places: readonly number[]) =>
    note(await client.query(SELECT, [tenantId, places.map((place) => byteaOf(keys[place]!))]));
  await client.query('BEGIN');
  try {
    await client.query(`SELECT set_config('azcops.tenant_id', $1, true)`, [tenantId]);
    await look(missing());
    const places = missing();
    if (places.length > 0) {
      const rows = places.map((place) => ({ key: keys[place], ...columnsOf(combinations[place]!) }));
      note(await client.query(INSERT, [tenantId, JSON.stringify(rows)]));
      // Those that another worker stored in between are taken from it.
      if (missing().length > 0) await look(missing());
    }
    await client.query('COMMIT');
    return keys.map((key) => ids.get(key)!);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const columnsOf = (values: Values) => Object.fromEntries(FIELD_NAMES.map((name) => [FIELDS[name], values[name]]));
const byteaOf = (hex: string): string => `\\x${hex}`;

/** Without what PostgreSQL cannot hold: the character of no bits, and halves of characters. */
function valuesOf(dimension: CostDimension): Values {
  const values: Record<Field, string | null> = { ...dimension };
  for (const name of FIELD_NAMES) {
    const text = values[name];
    if (text !== null && (text.includes('\0') || !text.isWellFormed())) {
      values[name] = text.replaceAll('\0', '').toWellFormed();
    }
  }
  return values;
}
