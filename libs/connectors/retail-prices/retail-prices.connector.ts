import type { Connector, PlanRequest, WindowSpec } from '#core/connector.js';
import type { AzureApi } from '../azure/azure-api.js';
import { checkPrices } from './check-prices.js';
import { RETAIL_PRICES_API_VERSION, RETAIL_PRICES_ID } from './price-pages.js';
import { GLOBAL_REGION, PRICED_RESOURCE_TYPES } from './price-topics.js';
import { priceScope, readPrices } from './read-prices.js';

/** Currencies of the list; a ledger may hold imported costs in others. Source: Azure Retail Prices documentation. */
const LISTED_CURRENCIES: ReadonlySet<string> = new Set(
  'USD AUD BRL CAD CHF CNY DKK EUR GBP INR JPY KRW NOK NZD RUB SEK TWD'.split(' '),
);
/** What Azure's prices are made in. */
const FIRST_CURRENCY = 'USD';

/** Reads list prices, the same for all tenants, of the regions and in the currencies that a tenant has. */
export function retailPricesConnector(api: AzureApi): Connector<'price'> {
  return {
    id: RETAIL_PRICES_ID,
    title: 'Retail prices',
    api: 'Azure Retail Prices GET /api/retail/prices',
    apiVersion: RETAIL_PRICES_API_VERSION,
    requiredRoles: [],
    sharedForDays: 7,
    stage: 'metrics',
    produces: 'price',
    modes: ['full'],
    resourceTypes: PRICED_RESOURCE_TYPES,
    windows: priceWindows,
    read: (window, context) => readPrices(api, window, context),
    check: (context) => checkPrices(api, context),
  };
}

function priceWindows({ regions, currencies }: PlanRequest): WindowSpec[] {
  if (regions.size === 0) return [];
  const asked = [...new Set([...regions.keys(), GLOBAL_REGION])].sort();
  // Before its first costs nobody knows what a tenant pays in.
  const known = currencies.length > 0 ? currencies : [FIRST_CURRENCY];
  return known
    .filter((currency) => LISTED_CURRENCIES.has(currency))
    .flatMap((currency) =>
      asked.map((region) => ({ scope: priceScope(currency, region), subscriptionId: null, range: null })),
    );
}
