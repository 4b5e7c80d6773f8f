import { RULES_SOURCE } from '#core/connector.js';

/** Names by which runs ask for connectors; apart from the registry, so that the API need not load the Azure libraries. */
export const CONNECTOR_IDS = [
  'subscriptions',
  'resource-graph',
  'advisor',
  'cost-management',
  'monitor',
  'retail-prices',
  'compute-skus',
] as const;

/** All that a run can be asked for: the connectors, and our own rules over what they brought. */
export const SOURCE_IDS = [...CONNECTOR_IDS, RULES_SOURCE] as const;
