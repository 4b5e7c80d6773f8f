import { decimal, plain } from '#core/decimal.js';
import { canonicalDecimal } from '#core/money.js';
import type { RetailPriceRecord } from '#core/records.js';
import { priceKey, type DiskRedundancy, type OperatingSystem, type ReservationTerm } from './price-key.js';
import type { Prices } from './reference.js';
import { HOURS_A_MONTH } from './savings.js';

const HOURS_OF_TERM: Readonly<Record<ReservationTerm, number>> = { '1 Year': 8_760, '3 Years': 26_280 };

const GLOBAL_REGION = 'global';

interface ListedPrice {
  /** Null once the list gives two different answers. */
  price: string | null;
  isPrimary: boolean;
}

/**
 * List prices in one currency, as rules ask for them. Answers are decimal strings, or null where the list has no price or
 * no single one; the price of zero that some unreleased meters have is none. A region that does not list something costs
 * what is listed globally. Regions and SKUs are Azure's names, in any case. Throws `RangeError` for another currency.
 */
export class PriceBook implements Prices {
  readonly #prices = new Map<string, ListedPrice>();

  constructor(
    readonly currency: string,
    records: readonly RetailPriceRecord[],
  ) {
    for (const record of records) {
      if (record.currency !== currency) throw new RangeError(`a price in ${record.currency} is none in ${currency}`);
      const key = priceKey(record);
      if (key !== null) this.#list(keyIn(record.region, key), record);
    }
  }

  /** An hour of a machine at the pay-as-you-go price; Windows includes its licence, which Azure Hybrid Benefit saves. */
  virtualMachineHourly(region: string, armSkuName: string, operatingSystem: OperatingSystem): string | null {
    return this.#find(region, `machine ${armSkuName} ${operatingSystem}`);
  }

  /** An hour of a reserved machine: its share of the term's whole price. Licences are not reserved with it. */
  reservedVirtualMachineHourly(region: string, armSkuName: string, term: ReservationTerm): string | null {
    const price = this.#find(region, `reserved machine ${armSkuName} ${term}`);
    return price && plain(decimal(price).div(HOURS_OF_TERM[term]));
  }

  /** A month of a managed disk, e.g. of the tier `P10`; transactions and the fee for further mounts come on top. */
  managedDiskMonthly(region: string, tier: string, redundancy: DiskRedundancy): string | null {
    return this.#find(region, `disk ${tier} ${redundancy}`);
  }

  /** A month of a GiB in a snapshot. */
  snapshotGiBMonthly(region: string, storage: 'Standard' | 'Premium', redundancy: DiskRedundancy): string | null {
    return this.#find(region, `snapshot ${storage} ${redundancy}`);
  }

  /** An hour of one instance of an App Service plan, e.g. of the size `P1v3`. */
  appServicePlanHourly(region: string, sku: string, operatingSystem: OperatingSystem): string | null {
    return this.#find(region, `plan ${sku} ${operatingSystem}`);
  }

  /**
   * A month of a database's compute by its service objective: `Basic`, `S3`, `P1`, or `GP_Gen5_4` and its like, whose
   * licence and storage are priced apart. Serverless and zone-redundant ones have no monthly price.
   */
  sqlDatabaseMonthly(region: string, objective: string): string | null {
    const daily = this.#find(region, `database ${objective} daily`);
    if (daily) return plain(decimal(daily).times(HOURS_A_MONTH).div(24));
    const hourly = this.#find(region, `database ${objective} hourly`);
    return hourly && plain(decimal(hourly).times(HOURS_A_MONTH));
  }

  /** An hour of a static public IPv4 address of the Standard SKU. */
  publicIpHourly(region: string): string | null {
    return this.#find(region, 'public ip');
  }

  #find(region: string, key: string): string | null {
    const listed = this.#prices.get(keyIn(region, key)) ?? this.#prices.get(keyIn(GLOBAL_REGION, key));
    return listed?.price ?? null;
  }

  #list(key: string, { retailPrice, isPrimaryMeterRegion: isPrimary }: RetailPriceRecord): void {
    const price = canonicalDecimal(retailPrice);
    const listed = this.#prices.get(key);
    if (!listed || (isPrimary && !listed.isPrimary)) this.#prices.set(key, { price, isPrimary });
    else if (listed.isPrimary === isPrimary && listed.price !== price) listed.price = null;
  }
}

function keyIn(region: string, key: string): string {
  return `${region.replaceAll(' ', '')} ${key}`.toLowerCase();
}
