import { checked, tenantScope, type CheckResult } from '#core/check.js';
import type { CheckContext } from '#core/connector.js';
import { UnavailableError } from '#core/errors.js';
import type { AzureApi } from '../azure/azure-api.js';
import { pricePages } from './price-pages.js';
import { regionFilter } from './price-topics.js';

/** Where nothing is known of the tenant's regions yet. */
const SOME_REGION = 'westeurope';

/** One page of the public addresses' prices in a region of the tenant: the shortest list there is. */
export async function* checkPrices(api: AzureApi, context: CheckContext): AsyncGenerator<CheckResult, void> {
  const region = context.resources.find(({ location }) => location && location !== 'global')?.location ?? SOME_REGION;
  const filter = `${regionFilter(region)} and serviceName eq 'Virtual Network' and productName eq 'IP Addresses'`;
  const question = { subject: '', scope: tenantScope(context.tenant.azureTenantId) };
  yield await checked(question, context, async (limited) => {
    for await (const items of pricePages(api, { currency: 'USD', filter, label: 'check' }, limited)) {
      if (items.length > 0) return `Prices are readable; ${region} has some.`;
    }
    throw new UnavailableError(`The price list knows no prices of ${region}.`, 'Check AZURE_RETAIL_PRICES_URL.', {
      lasting: false,
    });
  });
}
