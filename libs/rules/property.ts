import type { InventoryResource } from '#core/facts.js';

/*
 * Properties come from Azure as they are: any of them may be absent, null or of another type. `path` names one below
 * `properties`, `sku` or `tags` with dots, as Azure's documentation does: `properties.ipConfiguration.id`.
 */

/** The value at the path; undefined where something on the way is absent. */
export function valueAt(resource: InventoryResource, path: string): unknown {
  let value: unknown = resource;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? undefined;
}

/** Text that is not blank; undefined for anything else. */
export function textAt(resource: InventoryResource, path: string): string | undefined {
  const value = valueAt(resource, path);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** A finite number, also one that Azure wrote as text. */
export function numberAt(resource: InventoryResource, path: string): number | undefined {
  const value = valueAt(resource, path);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The members of a list but for nulls; none where there is no list. */
export function listAt(resource: InventoryResource, path: string): readonly unknown[] {
  const value = valueAt(resource, path);
  return Array.isArray(value) ? value.filter((member) => member !== null && member !== undefined) : [];
}

/** The instant that Azure wrote. */
export function instantAt(resource: InventoryResource, path: string): Date | undefined {
  const text = textAt(resource, path);
  const instant = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(instant) ? undefined : new Date(instant);
}

/** The member `id` of an object, lower-cased: how Azure refers to other resources. */
export function idOf(value: unknown): string | undefined {
  const id = value !== null && typeof value === 'object' ? (value as { id?: unknown }).id : value;
  return typeof id === 'string' && id !== '' ? id.toLowerCase() : undefined;
}

/** Whole and broken days from one instant to another. */
export function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 86_400_000;
}

/** Whether Azure said anything of the resource; without it, nothing can be concluded from what is absent. */
export function isDescribed({ properties }: Pick<InventoryResource, 'properties'>): boolean {
  return Object.keys(properties).length > 0;
}
