import type { Connector } from '#core/connector.js';
import { advisorConnector } from './advisor/advisor.connector.js';
import type { AzureApi } from './azure/azure-api.js';
import { computeSkusConnector } from './compute-skus/compute-skus.connector.js';
import { costManagementConnector } from './cost-management/cost-management.connector.js';
import { monitorConnector } from './monitor/monitor.connector.js';
import { resourceGraphConnector } from './resource-graph/resource-graph.connector.js';
import { retailPricesConnector } from './retail-prices/retail-prices.connector.js';
import { subscriptionsConnector } from './subscriptions/subscriptions.connector.js';

/** Every data source that runs on a schedule, in the order in which they are shown. One line per folder. */
export function createConnectors(api: AzureApi): readonly Connector[] {
  return [
    subscriptionsConnector(api),
    resourceGraphConnector(api),
    advisorConnector(api),
    costManagementConnector(api),
    monitorConnector(api),
    retailPricesConnector(api),
    computeSkusConnector(api),
  ];
}
