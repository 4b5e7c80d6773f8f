import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { InventoryRow } from '../inventory-pages.js';

/** What the baselines write rows of one kind into. */
export interface BaselineTable<Row> {
  name: string;
  /** SQL of the columns, in the order of a line. */
  columns: string;
  primaryKey: string;
  /** The row as COPY's text, line break included. */
  line(row: Row): string;
  entity: new () => object;
  /** The row as TypeORM saves it. */
  saved(row: Row): object;
}

/** A charge as the baselines write it. */
export interface ChargeRow {
  dimension: number;
  day: string;
  currency: string;
  cost: string | null;
  amortizedCost: string | null;
}

@Entity('bench_charges')
class SavedCharge {
  @PrimaryColumn({ name: 'dimension_id', type: 'bigint' })
  dimensionId: number;

  @PrimaryColumn({ type: 'date' })
  day: string;

  @PrimaryColumn({ type: 'text' })
  currency: string;

  @Column({ type: 'numeric', nullable: true })
  cost: string | null;

  @Column({ name: 'amortized_cost', type: 'numeric', nullable: true })
  amortizedCost: string | null;
}

/** A narrow table of charges. */
export const CHARGES: BaselineTable<ChargeRow> = {
  name: 'bench_charges',
  columns:
    'dimension_id bigint NOT NULL, day date NOT NULL, currency text NOT NULL, cost numeric, amortized_cost numeric',
  primaryKey: 'dimension_id, day, currency',
  line: ({ dimension, day, currency, cost, amortizedCost }) =>
    `${dimension}\t${day}\t${currency}\t${cost ?? '\\N'}\t${amortizedCost ?? '\\N'}\n`,
  entity: SavedCharge,
  saved: ({ dimension, ...row }) => ({ ...row, dimensionId: dimension }),
};

/** A charge with all that describes it, as it is received. */
export interface WholeChargeRow extends ChargeRow {
  /** Resource, resource group, service, meter, charge type, pricing model and publisher. */
  texts: readonly string[];
}

/** A wide table of charges, for COPY alone. */
export const WHOLE_CHARGES: Pick<BaselineTable<WholeChargeRow>, 'name' | 'columns' | 'line'> = {
  name: 'bench_whole_charges',
  columns:
    'day date NOT NULL, currency text NOT NULL, cost numeric, amortized_cost numeric, resource_id text, ' +
    'resource_group text, service_name text, meter_category text, charge_type text, pricing_model text, publisher text',
  line: ({ day, currency, cost, amortizedCost, texts }) =>
    `${day}\t${currency}\t${cost ?? '\\N'}\t${amortizedCost ?? '\\N'}\t${texts.join('\t')}\n`,
};

@Entity('bench_resources')
class SavedResource {
  @PrimaryColumn({ name: 'resource_id', type: 'text' })
  resourceId: string;

  @Column({ name: 'original_id', type: 'text' })
  originalId: string;

  @Column({ name: 'subscription_id', type: 'text' })
  subscriptionId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  type: string;

  @Column({ type: 'text' })
  location: string;

  @Column({ name: 'resource_group', type: 'text' })
  resourceGroup: string;

  @Column({ type: 'jsonb' })
  tags: object;

  @Column({ type: 'jsonb', nullable: true })
  sku: object | null;

  @Column({ type: 'jsonb' })
  properties: object;
}

/** Resources with their tags and properties as jsonb. */
export const RESOURCES: BaselineTable<InventoryRow> = {
  name: 'bench_resources',
  columns:
    'resource_id text NOT NULL, original_id text NOT NULL, subscription_id text NOT NULL, name text NOT NULL, ' +
    'type text NOT NULL, location text, resource_group text, tags jsonb NOT NULL, sku jsonb, properties jsonb NOT NULL',
  primaryKey: 'resource_id',
  line: ({ id, subscriptionId, name, type, location, resourceGroup, tags, sku, properties }) =>
    [id.toLowerCase(), id, subscriptionId, name, type, location, resourceGroup, tags, sku, properties]
      .map((value) => value?.replaceAll('\\', '\\\\') ?? '\\N')
      .join('\t') + '\n',
  entity: SavedResource,
  saved: ({ id, tags, sku, properties, ...row }) => ({
    ...row,
    resourceId: id.toLowerCase(),
    originalId: id,
    tags: JSON.parse(tags) as object,
    sku: sku === null ? null : (JSON.parse(sku) as object),
    properties: JSON.parse(properties) as object,
  }),
};
