/** Names by which runs ask for connectors; apart from the registry, so that the API need not load the Azure libraries. */
export const CONNECTOR_IDS = ['subscriptions', 'resource-graph', 'advisor', 'cost-management', 'monitor'] as const;
