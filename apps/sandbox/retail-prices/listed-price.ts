import { type Amount, parseAmount } from '../estate/amount.js';
import { meterIdOf } from '../estate/meters.js';
import { guidOf } from '../estate/seeded-random.js';

/** A price of the list in US dollars, before it is put into a region and currency. */
export interface ListedPrice {
  readonly serviceName: string;
  readonly serviceFamily: string;
  readonly productName: string;
  readonly skuName: string;
  readonly armSkuName: string;
  readonly meterId: string;
  readonly meterName: string;
  readonly unitOfMeasure: string;
  readonly type: 'Consumption' | 'DevTestConsumption' | 'Reservation';
  readonly reservationTerm?: string;
  readonly price: Amount;
  readonly tierMinimumUnits: number;
  readonly isPrimaryMeterRegion: boolean;
  readonly savingsPlan?: readonly { readonly term: string; readonly price: Amount }[];
}

/** What a price is called; the rest is as most prices have it. */
export interface PriceDraft extends Partial<Omit<ListedPrice, 'price'>> {
  readonly productName: string;
  readonly skuName: string;
  readonly meterName: string;
  readonly unitOfMeasure: string;
  /** In US dollars. */
  readonly price: string | Amount;
}

/** Makes prices of one service, under the meters that the estate is charged for where it is. */
export function pricesOf(serviceName: string, serviceFamily: string) {
  return (draft: PriceDraft): ListedPrice => {
    const { price, ...rest } = draft;
    const { productName, meterName, type = 'Consumption', reservationTerm = '' } = rest;
    const meterId = meterIdOf(serviceName, productName, meterName);
    return {
      serviceName,
      serviceFamily,
      armSkuName: '',
      meterId: type === 'Consumption' ? meterId : guidOf(meterId, type, reservationTerm),
      type,
      tierMinimumUnits: 0,
      isPrimaryMeterRegion: true,
      ...rest,
      price: typeof price === 'bigint' ? price : parseAmount(price),
    };
  };
}
