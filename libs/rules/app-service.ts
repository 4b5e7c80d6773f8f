import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { textAt } from './property.js';

const APP_TYPES = ['microsoft.web/sites', 'microsoft.web/sites/slots'];

/** The apps and deployment slots on an App Service plan, which its `numberOfSites` does not count all, or not at once. */
export function appsOn(plan: InventoryResource, estate: Estate): InventoryResource[] {
  return APP_TYPES.flatMap((type) =>
    estate.referringTo(plan.resourceId, `${type} on plans`, type, (app) => [textAt(app, 'properties.serverFarmId')]),
  );
}

/** Whether the plan itself costs nothing: it is free, or only what runs on it is billed. */
export function isFreePlan(tier: string): boolean {
  return /^(free|shared|dynamic|flexconsumption)$/i.test(tier);
}

/** The next lower size of the same tier, with half of the cores and of the memory; undefined for the lowest. */
export function lowerPlanSize(sku: string): string | undefined {
  const [, family = '', digit = '', memory = '', version = ''] = /^(B|S|P|I)(\d)(m?)(v\d)?$/i.exec(sku) ?? [];
  // Premium v3 and v4 begin at P0, everything else at 1.
  const lowest = /^p$/i.test(family) && /^v[34]$/i.test(version) && memory === '' ? 0 : 1;
  return digit !== '' && Number(digit) > lowest ? `${family}${Number(digit) - 1}${memory}${version}` : undefined;
}

/** As price lists tell plans apart; undefined for Windows containers, which cost differently. */
export function operatingSystemOf({ properties }: InventoryResource): 'Linux' | 'Windows' | undefined {
  if (properties['hyperV'] === true || properties['isXenon'] === true) return undefined;
  return properties['reserved'] === true ? 'Linux' : 'Windows';
}
