import { pipe, type ResourceGraphQuery } from './query.js';
import { hasTagWithValue } from './tag-conditions.js';

/** Resources whose cost nobody answers for. */
export const resourcesWithoutCostCenterTag: ResourceGraphQuery = {
  name: 'resources-without-cost-center-tag',
  title: 'Resources without a cost-center tag',
  finds:
    'Resources without a cost-center tag of their own, or with a blank one. The name counts in any case, in both ' +
    'spellings of "center" and with any separator (cost-center, CostCenter, cost_centre). Tags of the resource group ' +
    'are not inherited.',
  family: 'governance',
  kql: pipe(
    'Resources',
    `where not(${hasTagWithValue('cost[ _.-]?cent(er|re)')})`,
    'project id, name, type, kind, location, resourceGroup, subscriptionId, tags',
  ),
};
