import { type Amount, formatAmount } from '../estate/amount.js';
import { inCurrency } from '../cost-management/charge.js';
import { hash32 } from '../estate/seeded-random.js';
import { DISK_PRICES } from './disk-prices.js';
import type { ListedPrice } from './listed-price.js';
import { MACHINE_PRICES } from './machine-prices.js';
import { GLOBAL_NETWORK_PRICES, NETWORK_PRICES } from './network-prices.js';
import { PLATFORM_PRICES } from './platform-prices.js';

/** An item as it is answered. */
export type PriceItem = Readonly<Record<string, unknown>>;

/** The estate's regions with the names that the list has for them. */
const REGIONS: Readonly<Record<string, string>> = {
  westeurope: 'EU West',
  northeurope: 'EU North',
  germanywestcentral: 'DE West Central',
  eastus: 'US East',
};
export const CURRENCIES = ['USD', 'EUR'] as const;
export type Currency = (typeof CURRENCIES)[number];

const REGIONAL = [...MACHINE_PRICES, ...DISK_PRICES, ...NETWORK_PRICES, ...PLATFORM_PRICES];

const lists = new Map<Currency, readonly PriceItem[]>();

/** Every price in a currency; regions do not differ, since the estate is charged the same in all of them. */
export function priceList(currency: Currency): readonly PriceItem[] {
  let list = lists.get(currency);
  if (!list) {
    list = [
      ...Object.entries(REGIONS).flatMap(([region, location]) =>
        REGIONAL.map((price) => item(price, region, location, currency)),
      ),
      ...GLOBAL_NETWORK_PRICES.map((price) => item(price, 'Global', 'Global', currency)),
    ];
    lists.set(currency, list);
  }
  return list;
}

function item(listed: ListedPrice, armRegionName: string, location: string, currencyCode: Currency): PriceItem {
  const { price, savingsPlan, reservationTerm, tierMinimumUnits, ...names } = listed;
  const number = (amount: Amount) => Number(formatAmount(inCurrency(amount, currencyCode)));
  const retailPrice = number(price);
  const productId = `DZH318Z0${code(names.productName)}`;
  return {
    currencyCode,
    tierMinimumUnits,
    ...(reservationTerm && { reservationTerm }),
    retailPrice,
    unitPrice: retailPrice,
    armRegionName,
    location,
    effectiveStartDate: '2024-05-01T00:00:00Z',
    productId,
    skuId: `${productId}/${code(`${names.skuName} ${armRegionName}`)}`,
    ...names,
    serviceId: `DZH31${code(names.serviceName)}`,
    ...(savingsPlan && {
      savingsPlan: savingsPlan.map((plan) => ({
        unitPrice: number(plan.price),
        retailPrice: number(plan.price),
        term: plan.term,
      })),
    }),
  };
}

/** Four letters and digits for a name. */
function code(name: string): string {
  return hash32('retail-prices', name).toString(36).toUpperCase().padStart(4, '0').slice(-4);
}
