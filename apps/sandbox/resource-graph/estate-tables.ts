import type { Day } from '#core/day.js';
import type { AdvisorBook, AdvisorItem } from '../advisor/advisor-book.js';
import type { Estate, Subscription } from '../estate/estate.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import type { Resource } from '../estate/resource.js';
import type { KqlColumn, KqlTable, KqlValue } from './kql-value.js';

/** Columns in the order Resource Graph returns them. */
const COLUMNS: readonly KqlColumn[] = [
  { name: 'id', type: 'string' },
  { name: 'name', type: 'string' },
  { name: 'type', type: 'string' },
  { name: 'tenantId', type: 'string' },
  { name: 'kind', type: 'string' },
  { name: 'location', type: 'string' },
  { name: 'resourceGroup', type: 'string' },
  { name: 'subscriptionId', type: 'string' },
  { name: 'managedBy', type: 'string' },
  { name: 'sku', type: 'object' },
  { name: 'plan', type: 'object' },
  { name: 'properties', type: 'object' },
  { name: 'tags', type: 'object' },
  { name: 'identity', type: 'object' },
  { name: 'zones', type: 'object' },
  { name: 'extendedLocation', type: 'object' },
];

/** The tables of some subscriptions on a day; a table is built when a query names it. */
export function estateTables(
  estate: Estate,
  generator: ResourceGenerator,
  advisor: AdvisorBook,
  subscriptions: readonly Subscription[],
  day: Day,
): (name: string) => KqlTable | undefined {
  const built = new Map<string, KqlTable>();
  const builders: Readonly<Record<string, () => KqlTable>> = {
    resources: () =>
      table(
        subscriptions.flatMap((owner) => generator.resourcesOn(owner, day).map((item) => resourceRow(owner, item))),
      ),
    resourcecontainers: () =>
      table(subscriptions.flatMap((owner) => containerRows(estate, owner, generator.resourcesOn(owner, day)))),
    advisorresources: () =>
      table(
        subscriptions.flatMap((owner) =>
          [...advisor.recommendations(owner), ...advisor.suppressionItems(owner)].map((item) =>
            advisorRow(owner, item),
          ),
        ),
      ),
  };
  return (name) => {
    const key = name.toLowerCase();
    const builder = Object.hasOwn(builders, key) ? builders[key] : undefined;
    if (!builder) return undefined;
    const known = built.get(key) ?? builder();
    built.set(key, known);
    return known;
  };
}

function table(rows: readonly (readonly KqlValue[])[]): KqlTable {
  return { columns: COLUMNS, rows };
}

/** Type and group are lower-case in these columns; the id keeps the provider's casing. */
function resourceRow(owner: Subscription, resource: Resource): KqlValue[] {
  return [
    resource.id,
    resource.name.slice(resource.name.lastIndexOf('/') + 1),
    resource.type.toLowerCase(),
    owner.tenantId,
    resource.kind,
    resource.location,
    resource.resourceGroup.toLowerCase(),
    owner.subscriptionId,
    resource.managedBy,
    resource.sku,
    null,
    resource.properties,
    resource.tags,
    resource.identity,
    resource.zones,
    null,
  ];
}

function advisorRow(owner: Subscription, { id, name, type, properties, recommendation }: AdvisorItem): KqlValue[] {
  return [
    id,
    name,
    type.toLowerCase(),
    owner.tenantId,
    '',
    'global',
    recommendation.resourceGroup.toLowerCase(),
    owner.subscriptionId,
    '',
    null,
    null,
    properties,
    null,
    null,
    null,
    null,
  ];
}

function containerRows(estate: Estate, owner: Subscription, resources: readonly Resource[]): KqlValue[][] {
  const rows: KqlValue[][] = [subscriptionRow(estate, owner)];
  const groups = new Map(resources.map((resource) => [resource.resourceGroup.toLowerCase(), resource] as const));
  for (const [name, resource] of groups) {
    const row = resourceRow(owner, resource);
    row[0] = `/subscriptions/${owner.subscriptionId}/resourceGroups/${resource.resourceGroup}`;
    row[1] = resource.resourceGroup;
    row[2] = 'microsoft.resources/subscriptions/resourcegroups';
    row[4] = '';
    row[6] = name;
    row[8] = '';
    row[9] = null;
    row[11] = { provisioningState: 'Succeeded' };
    row[12] = { environment: owner.environment };
    row[13] = null;
    row[14] = null;
    rows.push(row);
  }
  return rows;
}

function subscriptionRow(estate: Estate, owner: Subscription): KqlValue[] {
  const tenant = estate.findTenant(owner.tenantId);
  return [
    `/subscriptions/${owner.subscriptionId}`,
    owner.displayName,
    'microsoft.resources/subscriptions',
    owner.tenantId,
    '',
    '',
    '',
    owner.subscriptionId,
    '',
    null,
    null,
    {
      state: owner.state,
      managedByTenants: owner.managedByTenants.map((tenantId) => ({ tenantId })),
      managementGroupAncestorsChain: [{ name: owner.tenantId, displayName: `${tenant?.displayName ?? ''} root` }],
      subscriptionPolicies: { quotaId: owner.quotaId, locationPlacementId: 'Public_2014-09-01', spendingLimit: 'Off' },
    },
    owner.tags,
    null,
    null,
    null,
  ];
}
