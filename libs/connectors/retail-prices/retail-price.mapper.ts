import { canonicalDecimal, isDecimal } from '#core/money.js';
import type { RetailPriceRecord } from '#core/records.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { GLOBAL_REGION } from './price-topics.js';

/** One item of the price list (numbers as text) as a record, or null when it lacks what makes it a price. */
export function toRetailPrice(item: unknown): RetailPriceRecord | null {
  if (!isObject(item)) return null;
  const { retailPrice, tierMinimumUnits = '0', armRegionName, type } = item;
  const text = (name: string) => textOrNull(item[name]);
  const currency = text('currencyCode');
  const meterId = text('meterId');
  const unitOfMeasure = text('unitOfMeasure');
  if (!currency || !meterId || !unitOfMeasure || !isAmount(retailPrice) || !isAmount(tierMinimumUnits)) return null;
  if (type !== 'Consumption' && type !== 'Reservation') return null;
  const region = typeof armRegionName === 'string' ? armRegionName.toLowerCase() : '';
  return {
    currency,
    region: region === '' ? GLOBAL_REGION : region,
    serviceName: text('serviceName') ?? '',
    productName: text('productName') ?? '',
    skuName: text('skuName') ?? '',
    armSkuName: text('armSkuName'),
    meterId,
    meterName: text('meterName') ?? '',
    unitOfMeasure,
    type,
    reservationTerm: text('reservationTerm'),
    tierMinimumUnits: canonicalDecimal(tierMinimumUnits),
    retailPrice: canonicalDecimal(retailPrice),
    isPrimaryMeterRegion: item['isPrimaryMeterRegion'] === true,
  };
}

function isAmount(value: unknown): value is string {
  return typeof value === 'string' && isDecimal(value);
}
