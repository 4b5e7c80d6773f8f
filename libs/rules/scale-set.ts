import type { InventoryResource } from '#core/facts.js';
import { autoscaleSettingsOf } from './autoscale.js';
import type { Estate } from './estate.js';
import { listAt, textAt, valueAt } from './property.js';
import type { MonthlyCost } from './savings.js';
import { isKubernetesManaged, tagValue } from './tags.js';
import { computeCostOfAll } from './virtual-machine.js';

/** Named in `leavesOut` by the rules that ask `scaleSetManagerOf`. */
export const MANAGED_SCALE_SETS =
  'scale sets that Kubernetes, Service Fabric, Databricks, Batch or Azure DevOps manages';

/** What manages a scale set in its owner's place; undefined where nothing does. */
export function scaleSetManagerOf(scaleSet: InventoryResource): string | undefined {
  if (isKubernetesManaged(scaleSet)) return 'kubernetes';
  if (tagValue(scaleSet, /^__azuredevopselasticpool/i) !== undefined) return 'azure_devops';
  if (tagValue(scaleSet, /^vendor$/i)?.toLowerCase() === 'databricks') return 'databricks';
  if (/^azurebatch-/i.test(scaleSet.resourceGroup ?? '')) return 'batch';
  const extensions = listAt(scaleSet, 'properties.virtualMachineProfile.extensionProfile.extensions');
  return extensions.some((extension) => /servicefabric/i.test(JSON.stringify(extension)))
    ? 'service_fabric'
    : undefined;
}

/** The machines of a scale set of flexible orchestration, which are billed one by one. */
function membersOf({ resourceId }: InventoryResource, estate: Estate): readonly InventoryResource[] {
  return estate.referringTo(resourceId, 'member of scale set', 'microsoft.compute/virtualmachines', (machine) => [
    textAt(machine, 'properties.virtualMachineScaleSet.id'),
  ]);
}

/** What running all instances costs a month; null where that is unknown. */
export function scaleSetCostOf(scaleSet: InventoryResource, estate: Estate): MonthlyCost | null {
  return computeCostOfAll([scaleSet, ...membersOf(scaleSet, estate)], estate);
}

/** Whether an enabled setting of Azure Monitor changes its number of instances. */
export function isAutoscaled(scaleSet: InventoryResource, estate: Estate): boolean {
  return autoscaleSettingsOf(scaleSet, estate).some((setting) => valueAt(setting, 'properties.enabled') === true);
}

/** The CPU at which autoscale rules usually hold instances. */
const TARGET_CPU = 60;

/**
 * A guess at what share of instances is not needed on average: at best as many as would bring the average CPU, in percent,
 * to 60 % while one remains, likely half of that, perhaps none.
 */
export function spareShare(averageCpu: number, instances: number): { low: number; likely: number; high: number } {
  const high = Math.round((1 - Math.max(1 / instances, averageCpu / TARGET_CPU)) * 100) / 100;
  return { low: 0, likely: high / 2, high };
}

/**
 * Whether a scale set's network profile names the id: a backend pool, a security group. With no instance running, the
 * scale set is the only one that does.
 */
export function isNamedByScaleSet(id: string, estate: Estate): boolean {
  const naming = estate.referringTo(
    id,
    'network profiles of scale sets',
    'microsoft.compute/virtualmachinescalesets',
    (set) => idsIn(valueAt(set, 'properties.virtualMachineProfile.networkProfile')),
  );
  return naming.length > 0;
}

/** Every `id` within the value. */
function idsIn(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    name === 'id' && typeof member === 'string' ? [member] : idsIn(member),
  );
}
