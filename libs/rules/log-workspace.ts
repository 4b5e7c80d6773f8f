import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { textAt } from './property.js';

/** Whether Microsoft Sentinel works on a Log Analytics workspace: it has prices and retention of its own. */
export function hasSentinel({ resourceId }: InventoryResource, estate: Estate): boolean {
  const type = 'microsoft.operationsmanagement/solutions';
  const solutions = estate.referringTo(resourceId, 'solutions of workspaces', type, (solution) => [
    textAt(solution, 'properties.workspaceResourceId'),
  ]);
  return solutions.some(({ name }) => /^securityinsights\b/i.test(name));
}
