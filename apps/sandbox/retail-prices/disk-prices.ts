import { parseAmount } from '../estate/amount.js';
import { type ListedPrice, pricesOf } from './listed-price.js';

const storage = pricesOf('Storage', 'Storage');

/** Monthly US dollars of every tier with local redundancy. */
const PRODUCTS = {
  'Premium SSD Managed Disks': {
    P1: '0.60',
    P2: '1.20',
    P3: '2.40',
    P4: '5.28',
    P6: '10.21',
    P10: '19.71',
    P15: '38.02',
    P20: '73.22',
    P30: '135.17',
    P40: '259.05',
    P50: '495.57',
    P60: '946.08',
    P70: '1802.06',
    P80: '3604.11',
  },
  'Standard SSD Managed Disks': {
    E1: '0.30',
    E2: '0.60',
    E3: '1.20',
    E4: '2.40',
    E6: '4.80',
    E10: '9.60',
    E15: '19.20',
    E20: '38.40',
    E30: '76.80',
    E40: '153.60',
    E50: '307.20',
    E60: '614.40',
    E70: '1228.80',
    E80: '2457.60',
  },
  'Standard HDD Managed Disks': {
    S4: '1.536',
    S6: '3.008',
    S10: '5.888',
    S15: '11.328',
    S20: '21.76',
    S30: '40.96',
    S40: '77.824',
    S50: '143.36',
    S60: '262.144',
    S70: '524.288',
    S80: '1048.576',
  },
} as const;

/** Disks of all tiers with what they are listed beside, and snapshots. */
export const DISK_PRICES: readonly ListedPrice[] = [
  ...Object.entries(PRODUCTS).flatMap(([product, tiers]) =>
    Object.entries(tiers).flatMap(([tier, monthly]) => pricesOfTier(product, tier, monthly)),
  ),
  ...snapshots('Standard HDD Managed Disks', '', '0.05', '0.05'),
  ...snapshots('Standard SSD Managed Disks', 'Snapshots ', '0.132', '0.198'),
  ...snapshots('Premium SSD Managed Disks', '', '0.132', '0.198'),
];

function pricesOfTier(productName: string, tier: string, monthly: string): ListedPrice[] {
  const price = (skuName: string, what: string, unitOfMeasure: string, amount: string | bigint, rest: object = {}) =>
    storage({ productName, skuName, meterName: `${skuName} ${what}`, unitOfMeasure, price: amount, ...rest });
  const local = `${tier} LRS`;
  const disk = price(local, 'Disk', '1/Month', monthly, {
    armSkuName: `${productName.replaceAll(' ', '_').replace(/s$/, '')}_${tier}`,
  });
  if (productName.startsWith('Standard HDD')) return [disk, price(local, 'Disk Operations', '10K', '0.0005')];
  const zonal = `${tier} ZRS`;
  return [
    disk,
    price(local, 'Disk Mount', '1/Month', parseAmount(monthly) / 20n),
    price(zonal, 'Disk', '1/Month', (parseAmount(monthly) * 3n) / 2n),
    ...(productName.startsWith('Standard SSD') ? [price(local, 'Disk Operations', '10K', '0.002')] : []),
  ];
}

function snapshots(productName: string, prefix: string, local: string, zonal: string): ListedPrice[] {
  const price = (redundancy: string, amount: string) =>
    storage({
      productName,
      skuName: `Snapshots ${redundancy}`,
      meterName: `${prefix}${redundancy} Snapshots`,
      unitOfMeasure: '1 GB/Month',
      price: amount,
    });
  return [price('LRS', local), price('ZRS', zonal)];
}
