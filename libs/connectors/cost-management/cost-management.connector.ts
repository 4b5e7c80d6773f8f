import type { Connector } from '#core/connector.js';
import type { AzureApi } from '../azure/azure-api.js';
import { checkCosts } from './check-costs.js';
import { COST_MANAGEMENT_API_VERSION, COST_MANAGEMENT_ID, COST_MANAGEMENT_ROLE } from './cost-query.js';
import { costWindows } from './cost-windows.js';
import { readCosts } from './read-costs.js';

/** Reads actual and amortized costs per subscription and month from Cost Management's Query API. */
export function costManagementConnector(api: AzureApi): Connector<'cost'> {
  return {
    id: COST_MANAGEMENT_ID,
    title: 'Costs',
    api: 'Azure Cost Management Query',
    apiVersion: COST_MANAGEMENT_API_VERSION,
    requiredRoles: [COST_MANAGEMENT_ROLE],
    stage: 'estate',
    produces: 'cost',
    modes: ['full', 'incremental'],
    tenantDraws: api.tenantDraws('cost-management'),
    windows: costWindows,
    async *read(window, context) {
      return yield* readCosts(api.forTenant(context.tenant), window, context);
    },
    check: (context) => checkCosts(api, context),
  };
}
