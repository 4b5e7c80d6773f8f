import type { RetailPriceRecord } from '#core/records.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';

/** Holds what is priced the same everywhere. */
const GLOBAL_REGION = 'global';

/** Azure's list prices, shared by all tenants. How old they are is known from the windows that read them. */
export class RetailPriceRepository {
  constructor(private readonly database: Database) {}

  /** The prices of some regions in one currency, those that hold everywhere included. */
  async ofRegions(currency: string, regions: readonly string[]): Promise<RetailPriceRecord[]> {
    return this.database.query<RetailPriceRecord>(
      ALL_TENANTS,
      `SELECT currency, region, service_name AS "serviceName", product_name AS "productName", sku_name AS "skuName",
              arm_sku_name AS "armSkuName", meter_id AS "meterId", meter_name AS "meterName",
              unit_of_measure AS "unitOfMeasure", type, reservation_term AS "reservationTerm",
              tier_minimum_units::text AS "tierMinimumUnits", retail_price::text AS "retailPrice",
              is_primary_meter_region AS "isPrimaryMeterRegion"
       FROM retail_prices WHERE currency = $1 AND region = ANY($2::text[]) ORDER BY region, id`,
      [currency, [...regions, GLOBAL_REGION]],
    );
  }

  /** ISO 4217 codes of the currencies that a tenant has costs in. */
  async currenciesOf(tenantId: string): Promise<string[]> {
    const rows = await this.database.query<{ currency: string }>(
      oneTenant(tenantId),
      'SELECT DISTINCT currency FROM cost_tenant_totals WHERE tenant_id = $1 ORDER BY currency',
      [tenantId],
    );
    return rows.map(({ currency }) => currency);
  }

  /** Prices as the sink of a window: only a complete read replaces a currency's list of a region. */
  openSink(target: SinkTarget): Promise<RecordSink<'price'>> {
    const found: RetailPriceRecord[] = [];
    return Promise.resolve({
      add: async (records) => void found.push(...records),
      publish: (proof, checkpoint) =>
        this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          const records = proof.complete ? found : [];
          const lists = Map.groupBy(records, ({ currency, region }) => `${currency} ${region}`);
          for (const list of lists.values()) await replace(tx, list);
          const published = { rows: records.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }
}

async function replace(tx: Transaction, records: readonly RetailPriceRecord[]): Promise<void> {
  const { currency, region } = records[0]!;
  // Two tenants' workers may have read the same list: without it, the second would add to what the first has put there.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`azcops.prices.${currency}.${region}`]);
  await tx.query('DELETE FROM retail_prices WHERE currency = $1 AND region = $2', [currency, region]);
  await tx.query(
    `INSERT INTO retail_prices (currency, region, service_name, product_name, sku_name, arm_sku_name, meter_id, meter_name,
       unit_of_measure, type, reservation_term, tier_minimum_units, retail_price, is_primary_meter_region)
     SELECT $1, $2, f.* FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::numeric[], $13::numeric[], $14::boolean[]) AS f`,
    [
      currency,
      region,
      records.map((record) => record.serviceName),
      records.map((record) => record.productName),
      records.map((record) => record.skuName),
      records.map((record) => record.armSkuName),
      records.map((record) => record.meterId),
      records.map((record) => record.meterName),
      records.map((record) => record.unitOfMeasure),
      records.map((record) => record.type),
      records.map((record) => record.reservationTerm),
      records.map((record) => record.tierMinimumUnits),
      records.map((record) => record.retailPrice),
      records.map((record) => record.isPrimaryMeterRegion),
    ],
  );
}
