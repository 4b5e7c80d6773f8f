import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { textAt } from './property.js';

/** Azure Monitor's settings that change how many instances a resource has, those that are switched off among them. */
export function autoscaleSettingsOf({ resourceId }: InventoryResource, estate: Estate): readonly InventoryResource[] {
  const type = 'microsoft.insights/autoscalesettings';
  return estate.referringTo(resourceId, 'autoscale setting', type, (setting) => [
    textAt(setting, 'properties.targetResourceUri'),
  ]);
}
