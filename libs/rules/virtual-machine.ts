import type { InventoryResource, ResourceCost } from '#core/facts.js';
import type { Estate } from './estate.js';
import { instantAt, textAt } from './property.js';
import type { MonthlyCost } from './savings.js';
import { isKubernetesManaged, tagValue } from './tags.js';

/*
 * Virtual machines as Resource Graph shows them, and what rules about them have in common.
 */

/** Named in `leavesOut` by the rules that ask `managerOf`. */
export const MANAGED_MACHINES = 'machines that Kubernetes, a scale set, Databricks or Virtual Desktop manages';
/** Named in `leavesOut` by the rules that ask `isSpecialMachine`. */
export const SPECIAL_MACHINES = 'machines with SQL Server, and appliances of the marketplace';

/** `running`, `stopped`, `deallocated` …; undefined where Resource Graph does not say. */
export function powerStateOf(machine: InventoryResource): string | undefined {
  const code = textAt(machine, 'properties.extended.instanceView.powerState.code');
  return code?.toLowerCase().replace('powerstate/', '');
}

/** The operating system; undefined where Azure does not say. */
export function operatingSystemOf(machine: InventoryResource): 'Linux' | 'Windows' | undefined {
  const system = textAt(machine, 'properties.storageProfile.osDisk.osType');
  return system === 'Linux' || system === 'Windows' ? system : undefined;
}

/** The operating system by which its hours are priced: Windows whose licence is brought along costs what Linux does. */
export function pricedSystemOf(machine: InventoryResource): 'Linux' | 'Windows' {
  const bringsLicence = /^windows_/i.test(textAt(machine, 'properties.licenseType') ?? '');
  return operatingSystemOf(machine) === 'Windows' && !bringsLicence ? 'Windows' : 'Linux';
}

/** Whether it may be taken away at any time and is paid for at a price of the day. */
export function isSpot(machine: InventoryResource): boolean {
  return textAt(machine, 'properties.priority')?.toLowerCase() === 'spot';
}

/** Publisher of the marketplace image it was made from, lower-cased; undefined for an image of one's own. */
export function imagePublisherOf(machine: InventoryResource): string | undefined {
  return textAt(machine, 'properties.storageProfile.imageReference.publisher')?.toLowerCase();
}

/** When it was made; for machines older than Azure's record of it, when it was first seen. */
export function createdAt(machine: InventoryResource): Date {
  return instantAt(machine, 'properties.timeCreated') ?? machine.firstSeenAt;
}

/** What manages a machine in its owner's place; undefined where nothing does. */
export function managerOf(machine: InventoryResource): 'kubernetes' | 'scale_set' | 'databricks' | 'avd' | undefined {
  if (isKubernetesManaged(machine)) return 'kubernetes';
  if (textAt(machine, 'properties.virtualMachineScaleSet.id') !== undefined) return 'scale_set';
  if (tagValue(machine, /^vendor$/i)?.toLowerCase() === 'databricks') return 'databricks';
  return isSessionHost(machine) ? 'avd' : undefined;
}

/** Client editions of Windows run in Azure for virtual desktops; the portal also tags hosts with their pool. */
function isSessionHost(machine: InventoryResource): boolean {
  const isClient = textAt(machine, 'properties.licenseType')?.toLowerCase() === 'windows_client';
  const parent = tagValue(machine, /^cm-resource-parent$/i) ?? '';
  return isClient || imagePublisherOf(machine) === 'microsoftwindowsdesktop' || /\/hostpools\//i.test(parent);
}

const SYSTEM_PUBLISHERS =
  /^(canonical|redhat|suse|debian|credativ|oracle|openlogic|almalinux|resf|kinvolk|microsoftwindows(server|desktop)|microsoft(cblmariner|visualstudio|-dsvm|-aks|-azure-compute))$/;

/** Whether its software is sized and licensed by rules of its own: SQL Server, or a vendor's appliance. */
export function isSpecialMachine(machine: InventoryResource, estate: Estate): boolean {
  const publisher = imagePublisherOf(machine);
  if (publisher !== undefined && !SYSTEM_PUBLISHERS.test(publisher)) return true;
  return sqlServersOf(machine, estate).length > 0;
}

function sqlServersOf({ resourceId }: InventoryResource, estate: Estate): readonly InventoryResource[] {
  const type = 'microsoft.sqlvirtualmachine/sqlvirtualmachines';
  return estate.referringTo(resourceId, 'SQL Server on machine', type, (server) => [
    textAt(server, 'properties.virtualMachineResourceId'),
  ]);
}

/** The managed disks attached to a machine, that of its operating system among them. */
export function disksAttachedTo({ resourceId }: InventoryResource, estate: Estate): readonly InventoryResource[] {
  return estate.referringTo(resourceId, 'disk of machine', 'microsoft.compute/disks', (disk) => [
    disk.managedBy ?? undefined,
  ]);
}

type Charge = Pick<ResourceCost, 'meterCategory'>;

/** Whether a charge is for a machine's hours, Windows included, which list prices of sizes are about. */
export function isMachineCharge({ meterCategory }: Charge): boolean {
  return /^virtual machines$/i.test(meterCategory ?? '');
}

/** Whether a charge is for software by the hour: Red Hat, SUSE, SQL Server. */
export function isLicenceCharge({ meterCategory }: Charge): boolean {
  return /^virtual machines licenses$/i.test(meterCategory ?? '');
}

/** Whether a charge is for what only a machine that runs costs. */
export function isComputeCharge(charge: Charge): boolean {
  return isMachineCharge(charge) || isLicenceCharge(charge);
}

/** What running a machine costs a month; null where that is unknown. */
export function computeCostOf({ resourceId }: InventoryResource, estate: Estate): MonthlyCost | null {
  return estate.costOf(resourceId, isComputeCharge);
}

/** What running machines and scale sets costs a month, all together; null where that is unknown. */
export function computeCostOfAll(resources: readonly InventoryResource[], estate: Estate): MonthlyCost | null {
  return estate.costOfAll(
    resources.map(({ resourceId }) => resourceId),
    isComputeCharge,
  );
}
