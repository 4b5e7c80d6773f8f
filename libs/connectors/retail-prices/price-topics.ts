/** The regions' name for what costs the same everywhere; load balancers and NAT gateways are listed so. */
export const GLOBAL_REGION = 'global';

/** What is asked together: a name for its pages, and which prices it is about. */
export interface PriceTopic {
  label: string;
  filter: string;
}

const consumptionOf = (...serviceNames: string[]) =>
  `(${serviceNames.map((name) => `serviceName eq '${name}'`).join(' or ')}) and priceType eq 'Consumption'`;

/**
 * The services that rules price, in questions that stay far below what the API refuses: more than fifteen comparisons,
 * or 2,048 characters. It knows no `not`, and compares case by case.
 */
export const PRICE_TOPICS: readonly PriceTopic[] = [
  {
    label: 'virtual-machines',
    filter: "serviceName eq 'Virtual Machines' and (priceType eq 'Consumption' or priceType eq 'Reservation')",
  },
  { label: 'managed-disks', filter: `${consumptionOf('Storage')} and contains(productName, 'Managed Disks')` },
  {
    label: 'networks',
    filter: consumptionOf('Virtual Network', 'Load Balancer', 'Application Gateway', 'VPN Gateway', 'NAT Gateway'),
  },
  {
    label: 'platform',
    filter: consumptionOf(
      'Azure App Service',
      'SQL Database',
      'Redis Cache',
      'Azure Kubernetes Service',
      'Log Analytics',
    ),
  },
];

/** Types of resources that these prices are for. */
export const PRICED_RESOURCE_TYPES: readonly string[] = [
  'microsoft.compute/virtualmachines',
  'microsoft.compute/virtualmachinescalesets',
  'microsoft.compute/disks',
  'microsoft.compute/snapshots',
  'microsoft.network/publicipaddresses',
  'microsoft.network/loadbalancers',
  'microsoft.network/applicationgateways',
  'microsoft.network/virtualnetworkgateways',
  'microsoft.network/natgateways',
  'microsoft.web/serverfarms',
  'microsoft.sql/servers/databases',
  'microsoft.cache/redis',
  'microsoft.containerservice/managedclusters',
  'microsoft.operationalinsights/workspaces',
];

/** The filter of a region's prices. */
export function regionFilter(region: string): string {
  if (region === GLOBAL_REGION) return "(armRegionName eq 'Global' or armRegionName eq '')";
  return `armRegionName eq '${region.replaceAll("'", "''")}'`;
}
