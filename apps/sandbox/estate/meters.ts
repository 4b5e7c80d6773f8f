import { guidOf } from './seeded-random.js';
import { type Amount, formatAmount, parseAmount } from './amount.js';

/** A billing meter with its list price. */
export interface Meter {
  readonly meterId: string;
  readonly name: string;
  readonly category: string;
  readonly subcategory: string;
  readonly serviceName: string;
  readonly serviceTier: string;
  readonly unit: string;
  /** Price of one unit in US dollars. */
  readonly price: Amount;
}

/** How the daily quantity of a meter varies: `steady` never, `office` falls at weekends, `bursty` changes a lot. */
export type UsagePattern = 'steady' | 'office' | 'bursty';

/** One meter a resource runs on, with the quantity of an ordinary day in millionths of the meter's unit. */
export interface MeterUse {
  readonly meter: Meter;
  readonly dailyMicroUnits: number;
  readonly pattern: UsagePattern;
  /** Compute that a reservation pays for. */
  readonly isReserved?: boolean;
  readonly isSpot?: boolean;
}

const known = new Map<string, Meter>();

/** A meter's id, wherever it is charged or listed. */
export function meterIdOf(category: string, subcategory: string, name: string): string {
  return guidOf('meter', `${category}/${subcategory}/${name}`);
}

function meter(
  serviceName: string,
  category: string,
  subcategory: string,
  name: string,
  unit: string,
  price: string,
): Meter {
  const meterId = meterIdOf(category, subcategory, name);
  let found = known.get(meterId);
  if (!found) {
    found = {
      meterId,
      name,
      category,
      subcategory,
      serviceName,
      serviceTier: subcategory,
      unit,
      price: parseAmount(price),
    };
    known.set(meterId, found);
  }
  return found;
}

/** VM sizes with their hourly pay-as-you-go price in US dollars, smallest first. */
export const VM_SIZES = [
  { name: 'Standard_B2ms', family: 'BS Series', label: 'B2ms', hourly: '0.0832', cores: 2, memoryGiB: 8 },
  { name: 'Standard_D2s_v5', family: 'Dsv5 Series', label: 'D2s v5', hourly: '0.0960', cores: 2, memoryGiB: 8 },
  { name: 'Standard_D4s_v5', family: 'Dsv5 Series', label: 'D4s v5', hourly: '0.1920', cores: 4, memoryGiB: 16 },
  { name: 'Standard_E4s_v5', family: 'Esv5 Series', label: 'E4s v5', hourly: '0.2520', cores: 4, memoryGiB: 32 },
  { name: 'Standard_D8s_v5', family: 'Dsv5 Series', label: 'D8s v5', hourly: '0.3840', cores: 8, memoryGiB: 32 },
  { name: 'Standard_F16s_v2', family: 'FSv2 Series', label: 'F16s v2', hourly: '0.6770', cores: 16, memoryGiB: 32 },
] as const;
export type VmSize = (typeof VM_SIZES)[number];

/** Managed disk tiers with their monthly price in US dollars. */
export const DISK_TIERS = [
  { sku: 'Standard_LRS', sizeGiB: 128, product: 'Standard HDD Managed Disks', label: 'S10 LRS Disk', monthly: '5.888' },
  {
    sku: 'StandardSSD_LRS',
    sizeGiB: 128,
    product: 'Standard SSD Managed Disks',
    label: 'E10 LRS Disk',
    monthly: '9.6',
  },
  { sku: 'Premium_LRS', sizeGiB: 128, product: 'Premium SSD Managed Disks', label: 'P10 LRS Disk', monthly: '19.71' },
  { sku: 'Premium_LRS', sizeGiB: 512, product: 'Premium SSD Managed Disks', label: 'P20 LRS Disk', monthly: '73.22' },
  { sku: 'Premium_LRS', sizeGiB: 1024, product: 'Premium SSD Managed Disks', label: 'P30 LRS Disk', monthly: '135.17' },
] as const;
export type DiskTier = (typeof DISK_TIERS)[number];

/** App Service plan sizes with their hourly price in US dollars. */
export const PLAN_SIZES = [
  { name: 'B1', tier: 'Basic', family: 'Basic Plan', hourly: '0.075' },
  { name: 'S1', tier: 'Standard', family: 'Standard Plan', hourly: '0.10' },
  { name: 'P1v3', tier: 'PremiumV3', family: 'Premium v3 Plan', hourly: '0.226' },
] as const;
export type PlanSize = (typeof PLAN_SIZES)[number];

/** SQL database objectives with their daily price in US dollars. */
export const DATABASE_SIZES = [
  { name: 'S0', tier: 'Standard', capacity: 10, daily: '0.4839' },
  { name: 'S3', tier: 'Standard', capacity: 100, daily: '4.8387' },
  // Without the licence, which its owner brings along.
  { name: 'GP_Gen5_4', tier: 'GeneralPurpose', capacity: 4, daily: '14.606976' },
] as const;
export type DatabaseSize = (typeof DATABASE_SIZES)[number];

/** What a Windows licence adds to an hour of each core, in US dollars. */
const WINDOWS_PER_CORE = parseAmount('0.046');

/** An hour of a machine with its Windows licence. */
export const withWindows = (hourly: Amount, cores: number): Amount => hourly + WINDOWS_PER_CORE * BigInt(cores);

/** Windows without a licence of its owner's is a meter of its own. */
export function computeMeter(size: VmSize, operatingSystem: 'Linux' | 'Windows'): Meter {
  const isWindows = operatingSystem === 'Windows';
  const subcategory = `Virtual Machines ${size.family}${isWindows ? ' Windows' : ''}`;
  const price = isWindows ? formatAmount(withWindows(parseAmount(size.hourly), size.cores)) : size.hourly;
  return meter('Virtual Machines', 'Virtual Machines', subcategory, size.label, '1 Hour', price);
}
export const spotMeter = (size: VmSize): Meter =>
  meter(
    'Virtual Machines',
    'Virtual Machines',
    `Virtual Machines ${size.family}`,
    `${size.label} Spot`,
    '1 Hour',
    '0.01849',
  );
export const diskMeter = (tier: DiskTier): Meter =>
  meter('Storage', 'Storage', tier.product, tier.label, '1/Month', tier.monthly);
export const planMeter = (size: PlanSize | (typeof FURTHER_PLAN_SIZES)[keyof typeof FURTHER_PLAN_SIZES]): Meter =>
  meter('Azure App Service', 'Azure App Service', `Azure App Service ${size.family}`, size.name, '1 Hour', size.hourly);
export const databaseMeter = (size: DatabaseSize): Meter =>
  meter('SQL Database', 'SQL Database', `SQL Database ${size.tier}`, `${size.name} DTUs`, '1/Day', size.daily);

/** Meters that have one price whatever the resource looks like. */
export const METERS = {
  bandwidthOut: meter('Bandwidth', 'Bandwidth', 'Rtn Preference: MGN', 'Standard Data Transfer Out', '1 GB', '0.087'),
  diskOperations: meter('Storage', 'Storage', 'Standard HDD Managed Disks', 'Disk Operations', '10K', '0.0005'),
  snapshot: meter('Storage', 'Storage', 'Standard HDD Managed Disks', 'LRS Snapshots', '1 GB/Month', '0.05'),
  publicIp: meter(
    'Virtual Network',
    'Virtual Network',
    'IP Addresses',
    'Standard IPv4 Static Public IP',
    '1 Hour',
    '0.005',
  ),
  blobCapacity: meter('Storage', 'Storage', 'Tiered Block Blob', 'Hot LRS Data Stored', '1 GB/Month', '0.0184'),
  blobOperations: meter('Storage', 'Storage', 'Tiered Block Blob', 'Hot Read Operations', '10K', '0.0043'),
  loadBalancer: meter(
    'Load Balancer',
    'Load Balancer',
    'Load Balancer',
    'Standard Included LB Rules and Outbound Rules',
    '1 Hour',
    '0.025',
  ),
  keyVault: meter('Key Vault', 'Key Vault', 'Key Vault', 'Operations', '10K', '0.03'),
  cluster: meter(
    'Azure Kubernetes Service',
    'Azure Kubernetes Service',
    'Uptime SLA',
    'Standard Uptime SLA',
    '1 Hour',
    '0.10',
  ),
  logIngestion: meter(
    'Log Analytics',
    'Log Analytics',
    'Log Analytics',
    'Analytics Logs Data Ingestion',
    '1 GB',
    '2.76',
  ),
  interRegion: meter('Bandwidth', 'Bandwidth', 'Inter-Region', 'Intra Continent Data Transfer Out', '1 GB', '0.02'),
  backup: meter('Backup', 'Backup', 'Backup', 'Azure VM Protected Instances', '1/Month', '10'),
  marketplace: meter(
    'Virtual Machine Licenses',
    'SaaS',
    'Firewall Appliance',
    'Firewall Appliance Hours',
    '1 Hour',
    '1.14',
  ),
  support: meter('Support', 'Support', 'Professional Direct', 'Professional Direct Support', '1/Month', '1000'),
  defender: meter(
    'Microsoft Defender for Cloud',
    'Microsoft Defender for Cloud',
    'Defender',
    'Standard Node',
    '1 Hour',
    '0.02',
  ),
  reservation: meter(
    'Virtual Machines',
    'Virtual Machines',
    'Reservation-Base VM',
    'Dsv5 Series Reservation',
    '1/Month',
    '0',
  ),
  basicPublicIp: meter(
    'Virtual Network',
    'Virtual Network',
    'IP Addresses',
    'Basic IPv4 Static Public IP',
    '1 Hour',
    '0.0036',
  ),
  premiumSnapshot: meter('Storage', 'Storage', 'Premium SSD Managed Disks', 'LRS Snapshots', '1 GB/Month', '0.132'),
  geoBlobCapacity: meter('Storage', 'Storage', 'Tiered Block Blob', 'Hot GRS Data Stored', '1 GB/Month', '0.0368'),
  premiumBlobCapacity: meter(
    'Storage',
    'Storage',
    'Premium Block Blob',
    'Premium LRS Data Stored',
    '1 GB/Month',
    '0.15',
  ),
  applicationGateway: meter(
    'Application Gateway',
    'Application Gateway',
    'Application Gateway Standard v2',
    'Standard Fixed Cost',
    '1 Hour',
    '0.246',
  ),
  vpnGateway: meter('VPN Gateway', 'VPN Gateway', 'VPN Gateway', 'VpnGw1AZ', '1 Hour', '0.361'),
  expressRouteGateway: meter(
    'ExpressRoute',
    'ExpressRoute',
    'ExpressRoute Gateway',
    'Standard Gateway',
    '1 Hour',
    '0.19',
  ),
  expressRouteCircuit: meter(
    'ExpressRoute',
    'ExpressRoute',
    'ExpressRoute Standard',
    'Standard Metered Data 50 Mbps Circuit',
    '1/Month',
    '55',
  ),
  natGateway: meter('NAT Gateway', 'NAT Gateway', 'NAT Gateway', 'Standard Gateway', '1 Hour', '0.045'),
  ddosPlan: meter(
    'Azure DDOS Protection',
    'Azure DDOS Protection',
    'Azure DDOS Protection',
    'Network Protection Plan',
    '1/Month',
    '2944',
  ),
  privateEndpoint: meter(
    'Virtual Network',
    'Virtual Network',
    'Virtual Network Private Link',
    'Standard Private Endpoint',
    '1 Hour',
    '0.01',
  ),
  privateZone: meter('Azure DNS', 'Azure DNS', 'Azure DNS', 'Private Zone', '1/Month', '0.5'),
  premiumFirewall: meter('Azure Firewall', 'Azure Firewall', 'Azure Firewall', 'Premium Deployment', '1 Hour', '1.75'),
  // Machines of the planted estate
  previousGeneration: meter(
    'Virtual Machines',
    'Virtual Machines',
    'Virtual Machines DSv3 Series',
    'D4s v3',
    '1 Hour',
    '0.1920',
  ),
  redHatLicence: meter(
    'Virtual Machines Licenses',
    'Virtual Machines Licenses',
    'Red Hat Enterprise Linux',
    '4 vCPU VM License',
    '1 Hour',
    '0.0576',
  ),
  sqlServerLicence: meter(
    'Virtual Machines Licenses',
    'Virtual Machines Licenses',
    'SQL Server Standard',
    '4 vCPU VM License',
    '1 Hour',
    '0.40',
  ),
  redisPremium: meter(
    'Redis Cache',
    'Redis Cache',
    'Azure Redis Cache Premium',
    'P1 Cache Instance',
    '1 Hour',
    '0.277',
  ),
  redisStandard: meter('Redis Cache', 'Redis Cache', 'Azure Redis Cache Standard', 'C1 Cache', '1 Hour', '0.138'),
  registryPremium: meter(
    'Container Registry',
    'Container Registry',
    'Container Registry',
    'Premium Registry Unit',
    '1/Day',
    '1.6666',
  ),
} as const;

/** Plan and database sizes that are planted only, so that what is drawn from the lists above stays as it is. */
export const FURTHER_PLAN_SIZES = {
  P2v3: { name: 'P2v3', tier: 'PremiumV3', family: 'Premium v3 Plan', hourly: '0.452' },
  P1v2: { name: 'P1v2', tier: 'PremiumV2', family: 'Premium v2 Plan', hourly: '0.20' },
} as const;

/** Meters of App Service, databases, logs and analytics that are planted only. */
export const PLATFORM_METERS = {
  sqlLicence: meter(
    'SQL Database',
    'SQL Database',
    'SQL Database Single/Elastic Pool General Purpose - SQL License',
    'vCore',
    '1 Hour',
    '0.0999746',
  ),
  poolVcore: meter(
    'SQL Database',
    'SQL Database',
    'SQL Database Elastic Pool - General Purpose - Compute Gen5',
    'vCore',
    '1 Hour',
    '0.2524',
  ),
  postgresqlVcore: meter(
    'Azure Database for PostgreSQL',
    'Azure Database for PostgreSQL',
    'Azure Database for PostgreSQL Flexible Server General Purpose Ddsv5 Series Compute',
    'vCore',
    '1 Hour',
    '0.1055',
  ),
  mysqlVcore: meter(
    'Azure Database for MySQL',
    'Azure Database for MySQL',
    'Azure Database for MySQL Flexible Server General Purpose Ddsv5 Series Compute',
    'vCore',
    '1 Hour',
    '0.1025',
  ),
  cosmosThroughput: meter('Azure Cosmos DB', 'Azure Cosmos DB', 'Azure Cosmos DB', '100 RU/s', '1 Hour', '0.008'),
  gatewayV1: meter(
    'Application Gateway',
    'Application Gateway',
    'Basic Application Gateway',
    'Medium Gateway',
    '1 Hour',
    '0.07',
  ),
  dataWarehouseUnits: meter(
    'Azure Synapse Analytics',
    'Azure Synapse Analytics',
    'Azure Synapse Analytics Dedicated SQL Pool',
    '100 DWUs',
    '1 Hour',
    '1.51',
  ),
} as const;
