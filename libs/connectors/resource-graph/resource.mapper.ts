import type { ResourceRecord } from '#core/records.js';
import { isObject, textOrNull } from '../azure/json-body.js';

/**
 * One row of the resources query as a record, or null when it lacks what identifies a resource: its id, or any
 * subscription. Text that Azure leaves empty becomes null, and tags that are not a map become none.
 */
export function toResource(row: unknown): ResourceRecord | null {
  if (!isObject(row)) return null;
  const originalId = textOrNull(row['id']);
  if (originalId === null) return null;
  const subscriptionId = textOrNull(row['subscriptionId']) ?? /\/subscriptions\/([^/]+)/i.exec(originalId)?.[1];
  if (!subscriptionId) return null;
  return {
    resourceId: originalId.toLowerCase(),
    originalId,
    subscriptionId: subscriptionId.toLowerCase(),
    name: textOrNull(row['name']) ?? originalId.slice(originalId.lastIndexOf('/') + 1),
    type: textOrNull(row['type'])?.toLowerCase() ?? 'unknown',
    kind: textOrNull(row['kind']),
    location: textOrNull(row['location'])?.toLowerCase() ?? null,
    resourceGroup: textOrNull(row['resourceGroup'])?.toLowerCase() ?? null,
    managedBy: textOrNull(row['managedBy'])?.toLowerCase() ?? null,
    tags: toTags(row['tags']),
    sku: toObject(row['sku']),
    properties: toObject(row['properties']) ?? {},
  };
}

/** Tags as a map of strings; Resource Graph sends an object or null, older answers JSON text. */
function toTags(value: unknown): Record<string, string> {
  const tags = Object.entries(toObject(value) ?? {}).flatMap(([name, tag]): [string, string][] => {
    if (typeof tag === 'string') return [[name, tag]];
    return typeof tag === 'number' || typeof tag === 'boolean' ? [[name, String(tag)]] : [];
  });
  return Object.fromEntries(tags);
}

function toObject(value: unknown): Record<string, unknown> | null {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
