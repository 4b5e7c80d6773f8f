import type { RetailPriceRecord } from '#core/records.js';

export type OperatingSystem = 'Linux' | 'Windows';
export type DiskRedundancy = 'LRS' | 'ZRS';
export type ReservationTerm = '1 Year' | '3 Years';

/** Azure writes units with and without blanks: `1 Hour`, `1/Hour`, `1/Month`, `1 GB/Month`. */
const unitOf = ({ unitOfMeasure }: RetailPriceRecord) => unitOfMeasure.replaceAll(/[\s/]/g, '').toLowerCase();

/**
 * What a price is the price of, e.g. `machine Standard_D4s_v5 Linux`; null for all that no rule asks for. The list says it
 * in names for people, which differ from service to service. Source: recorded answers of the Retail Prices API.
 */
export function priceKey(record: RetailPriceRecord): string | null {
  // A price from so many units on is not what one of them costs.
  if (record.tierMinimumUnits !== '0' || /^0(\.0*)?$/.test(record.retailPrice)) return null;
  switch (record.serviceName) {
    case 'Virtual Machines':
      return machineKey(record);
    case 'Storage':
      return diskKey(record) ?? snapshotKey(record);
    case 'Azure App Service':
      return planKey(record);
    case 'SQL Database':
      return databaseKey(record);
    case 'Virtual Network':
      return record.meterName === 'Standard IPv4 Static Public IP' && unitOf(record) === '1hour' ? 'public ip' : null;
    default:
      return null;
  }
}

/** One size has a price per operating system, and further ones as spot, low-priority, cloud service and dedicated host. */
function machineKey(record: RetailPriceRecord): string | null {
  const { armSkuName, productName, skuName, meterName, reservationTerm, type } = record;
  if (!armSkuName || unitOf(record) !== '1hour' || !productName.startsWith('Virtual Machines ')) return null;
  if (/Cloud ?Services|Dedicated Host/i.test(productName)) return null;
  if (/\b(Spot|Low Priority|Expired)\b/i.test(`${skuName} ${meterName}`)) return null;
  // Linux has a suffix in some families alone.
  const operatingSystem: OperatingSystem = /\bWindows\b/.test(productName) ? 'Windows' : 'Linux';
  if (type === 'Consumption') return `machine ${armSkuName} ${operatingSystem}`;
  return operatingSystem === 'Linux' ? `reserved machine ${armSkuName} ${reservationTerm}` : null;
}

/** `P10 LRS Disk`, as opposed to its mounts and operations. */
function diskKey(record: RetailPriceRecord): string | null {
  const [, tier, redundancy] = /^([PES]\d+) (LRS|ZRS) Disk$/.exec(record.meterName) ?? [];
  return tier && isConsumedMonthly(record, '1month') ? `disk ${tier} ${redundancy}` : null;
}

/** Snapshots are kept on standard storage whatever disk they are of; those of standard SSDs are listed, but not offered. */
function snapshotKey(record: RetailPriceRecord): string | null {
  const [, storage] = /^(Standard HDD|Premium SSD) Managed Disks$/.exec(record.productName) ?? [];
  const [, redundancy] = /^(LRS|ZRS) Snapshots$/.exec(record.meterName) ?? [];
  if (!storage || !redundancy || !isConsumedMonthly(record, '1gbmonth')) return null;
  return `snapshot ${storage.split(' ')[0]} ${redundancy}`;
}

/** `Azure App Service Premium v3 Plan - Linux`, whose SKU is written `P1 v3`. */
function planKey(record: RetailPriceRecord): string | null {
  const [plan, linux] = /^Azure App Service .*Plan( - Linux)?$/.exec(record.productName) ?? [];
  if (!plan || record.type !== 'Consumption' || unitOf(record) !== '1hour') return null;
  return `plan ${record.skuName.replaceAll(' ', '')} ${linux ? 'Linux' : 'Windows'}`;
}

const COMPUTE_TIERS: Readonly<Record<string, string>> = {
  'General Purpose': 'GP',
  'Business Critical': 'BC',
  Hyperscale: 'HS',
};

/** Databases by transaction units are listed by the day under their objective, those by cores by the hour and number. */
function databaseKey(record: RetailPriceRecord): string | null {
  const { productName, skuName, meterName, type } = record;
  if (type !== 'Consumption') return null;
  if (/^SQL Database Single (Basic|Standard|Premium)$/.test(productName)) {
    const isCompute = /DTUs?$/.test(meterName) && unitOf(record) === '1day';
    return isCompute ? `database ${skuName === 'B' ? 'Basic' : skuName} daily` : null;
  }
  const [, tier, generation] =
    /^SQL Database Single(?:DB)?\/Elastic Pool (General Purpose|Business Critical|Hyperscale) - Compute (\w+)$/.exec(
      productName,
    ) ?? [];
  const [, cores] = /^(\d+) vCore$/.exec(skuName) ?? [];
  if (!tier || !cores || meterName !== 'vCore' || unitOf(record) !== '1hour') return null;
  return `database ${COMPUTE_TIERS[tier]}_${generation}_${cores} hourly`;
}

function isConsumedMonthly(record: RetailPriceRecord, unit: string): boolean {
  return record.type === 'Consumption' && unitOf(record) === unit;
}
