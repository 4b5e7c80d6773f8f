import type { ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import type { RetailPriceRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import { pricePages, unusable } from './price-pages.js';
import { GLOBAL_REGION, PRICE_TOPICS, regionFilter } from './price-topics.js';
import { toRetailPrice } from './retail-price.mapper.js';

/** A window's name: one currency in one region. */
export function priceScope(currency: string, region: string): string {
  return `${currency} ${region}`;
}

/** Reads the prices of one currency and region, whole: whatever casts doubt on an answer is thrown. */
export async function* readPrices(
  api: AzureApi,
  { scope }: WindowSpec,
  context: ReadContext,
): AsyncGenerator<RetailPriceRecord[], ReadProof> {
  const [currency = '', region = ''] = scope.split(' ');
  let pages = 0;
  let announced = 0;
  let rows = 0;
  for (const { label, filter } of PRICE_TOPICS) {
    const question = { currency, label, filter: `${regionFilter(region)} and ${filter}` };
    for await (const items of pricePages(api, question, context)) {
      pages += 1;
      announced += items.length;
      const records = items.map((item) => toRetailPrice(item) ?? malformed(label));
      const wanted = records.filter((record) => isAnswer(record, currency, region));
      rows += wanted.length;
      if (wanted.length > 0) yield wanted;
    }
  }
  return {
    pages,
    rows,
    expected: announced,
    complete: true,
    incompleteReason: null,
    coveredDays: [],
    subscriptionsSeen: null,
    grain: null,
    amounts: null,
    unavailable:
      rows === announced
        ? null
        : {
            reason: `${announced - rows} of ${announced} prices are listed in another currency than ${currency} alone.`,
            action: 'Nothing to do: amounts are never converted, and what they are for has no price here.',
          },
  };
}

/**
 * Whether a price is in the currency that was asked for. A link that loses the question would lead to prices of other
 * regions and to US dollars: those are no answer. What is priced globally may be listed in dollars alone.
 */
function isAnswer(record: RetailPriceRecord, currency: string, region: string): boolean {
  if (record.region !== region) throw unusable(`asked for ${region}, it answers ${record.region}`);
  if (record.currency === currency) return true;
  if (region !== GLOBAL_REGION) throw unusable(`asked for ${currency}, it answers ${record.currency}`);
  return false;
}

function malformed(label: string): never {
  throw unusable(`a price of ${label} lacks its amount, currency, meter, unit or type`);
}
