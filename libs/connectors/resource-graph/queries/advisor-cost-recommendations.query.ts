import { pipe, type ResourceGraphQuery } from './query.js';

/** What Azure itself would save. */
export const advisorCostRecommendations: ResourceGraphQuery = {
  name: 'advisor-cost-recommendations',
  title: 'Advisor cost recommendations',
  finds:
    "Azure Advisor's recommendations of the category Cost. Several may concern the same usage (terms, look-back periods, " +
    'reservation or savings plan or smaller size): their savings must not be added up.',
  family: 'rightsizing',
  kql: pipe(
    'advisorresources',
    // The table also holds suppressions and configurations.
    "where type =~ 'microsoft.advisor/recommendations'",
    "where tostring(properties.category) =~ 'Cost'",
    'project id, name, type, subscriptionId, resourceGroup, tenantId, properties',
  ),
};
