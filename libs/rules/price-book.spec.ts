import { describe, expect, it } from 'vitest';
import type { RetailPriceRecord } from '#core/records.js';
import { PriceBook } from './price-book.js';

/** A row of the list as it was answered, in the order of its columns in the portal's calculator. */
const listed = (
  serviceName: string,
  productName: string,
  skuName: string,
  meterName: string,
  unitOfMeasure: string,
  retailPrice: string,
  changes: Partial<RetailPriceRecord> = {},
): RetailPriceRecord => ({
  currency: 'USD',
  region: 'westeurope',
  serviceName,
  productName,
  skuName,
  armSkuName: null,
  meterId: `${productName} ${meterName}`,
  meterName,
  unitOfMeasure,
  type: 'Consumption',
  reservationTerm: null,
  tierMinimumUnits: '0',
  retailPrice,
  isPrimaryMeterRegion: true,
  ...changes,
});
const machine = (productName: string, skuName: string, price: string, changes: Partial<RetailPriceRecord> = {}) =>
  listed('Virtual Machines', productName, skuName, skuName, '1 Hour', price, {
    armSkuName: 'Standard_D2s_v3',
    ...changes,
  });

/** The list for Standard_D2s_v3 in East US, where neither of the regular rows is a primary one. */
const D2S_V3 = [
  machine('Virtual Machines DSv3 Series Windows', 'D2s v3 Low Priority', '0.075'),
  machine('Virtual Machines DSv3 Series', 'D2s v3 Low Priority', '0.019'),
  machine('Virtual Machines DSv3 Series', 'D2s v3 Spot', '0.018816'),
  machine('Virtual Machines DSv3 Series Windows', 'D2s v3 Spot', '0.036848'),
  machine('Virtual Machines DSv3 Series', 'D2s v3', '0.096', { isPrimaryMeterRegion: false }),
  machine('Virtual Machines DSv3 Series Windows', 'D2s v3', '0.188', { isPrimaryMeterRegion: false }),
  machine('DSv3 Series Dedicated Host', 'D2s v3', '4.6'),
  machine('Dsv3 Series CloudServices', 'D2s v3', '0.188'),
];

describe('a virtual machine', () => {
  it('costs what its operating system does, never what spot, low priority or cloud services do', () => {
    for (const records of [D2S_V3, D2S_V3.toReversed()]) {
      const book = new PriceBook('USD', records);
      expect(book.virtualMachineHourly('westeurope', 'Standard_D2s_v3', 'Linux')).toBe('0.096');
      expect(book.virtualMachineHourly('West Europe', 'standard_d2S_v3', 'Windows')).toBe('0.188');
    }
  });

  it('is told by its name for Resource Manager, which some series are listed under and others not', () => {
    const book = new PriceBook('USD', [
      machine('Virtual Machines Dasv5 Series', 'Standard_D2as_v5', '0.092', { armSkuName: 'Standard_D2as_v5' }),
      machine('Virtual Machines Dlsv6 Series Linux', 'D2ls v6', '0.081', { armSkuName: 'Standard_D2ls_v6' }),
    ]);
    expect(book.virtualMachineHourly('westeurope', 'Standard_D2as_v5', 'Linux')).toBe('0.092');
    expect(book.virtualMachineHourly('westeurope', 'Standard_D2ls_v6', 'Linux')).toBe('0.081');
  });

  it('has no price in another region, of another size, or one of zero', () => {
    const book = new PriceBook('USD', [
      ...D2S_V3,
      machine('Virtual Machines X', 'X', '0', { armSkuName: 'Standard_X' }),
    ]);
    expect(book.virtualMachineHourly('eastus', 'Standard_D2s_v3', 'Linux')).toBeNull();
    expect(book.virtualMachineHourly('westeurope', 'Standard_D4s_v3', 'Linux')).toBeNull();
    expect(book.virtualMachineHourly('westeurope', 'Standard_X', 'Linux')).toBeNull();
  });

  it('has the price of the primary meter where two differ, and none where that does not tell either', () => {
    const primary = machine('Virtual Machines DSv3 Series', 'D2s v3', '0.1');
    const other = machine('Virtual Machines DSv3 Series', 'D2s v3', '0.11');
    const price = (...records: RetailPriceRecord[]) =>
      new PriceBook('USD', records).virtualMachineHourly('westeurope', 'Standard_D2s_v3', 'Linux');
    expect(price(...D2S_V3, primary)).toBe('0.1');
    expect(price(primary, ...D2S_V3)).toBe('0.1');
    expect(price(primary, { ...primary, retailPrice: '0.10' })).toBe('0.1');
    expect(price(...D2S_V3, primary, other)).toBeNull();
    expect(price(other, primary, primary)).toBeNull();
  });

  it('is reserved for a term, whose price is divided by its hours', () => {
    const reserved = (reservationTerm: string, price: string, product = 'Virtual Machines Dalsv7 Series') =>
      machine(product, 'D2als v7', price, { type: 'Reservation', reservationTerm, armSkuName: 'Standard_D2als_v7' });
    const book = new PriceBook('USD', [
      reserved('1 Year', '416'),
      reserved('3 Years', '803'),
      reserved('3 Years', '1', 'Virtual Machines Dalsv7 Series Windows'),
      machine('Virtual Machines Dalsv7 Series', 'D2als v7', '0.0804', { armSkuName: 'Standard_D2als_v7' }),
    ]);
    expect(book.reservedVirtualMachineHourly('westeurope', 'Standard_D2als_v7', '1 Year')).toBe('0.0474885845');
    expect(book.reservedVirtualMachineHourly('westeurope', 'Standard_D2als_v7', '3 Years')).toBe('0.0305555556');
    expect(book.virtualMachineHourly('westeurope', 'Standard_D2als_v7', 'Linux')).toBe('0.0804');
    expect(
      new PriceBook('USD', D2S_V3).reservedVirtualMachineHourly('westeurope', 'Standard_D2s_v3', '1 Year'),
    ).toBeNull();
  });
});

describe('storage', () => {
  const PREMIUM = 'Premium SSD Managed Disks';
  const HDD = 'Standard HDD Managed Disks';
  const SSD = 'Standard SSD Managed Disks';
  const storage = (product: string, sku: string, meter: string, unit: string, price: string) =>
    listed('Storage', product, sku, meter, unit, price);
  const book = new PriceBook('USD', [
    storage(PREMIUM, 'P10 LRS', 'P10 LRS Disk', '1/Month', '21.68'),
    storage(PREMIUM, 'P10 LRS', 'P10 LRS Disk Mount', '1/Month', '1.18'),
    storage(PREMIUM, 'P10 ZRS', 'P10 ZRS Disk', '1/Month', '32.5'),
    storage(HDD, 'S4 LRS', 'S4 LRS Disk', '1/Month', '1.536'),
    storage(HDD, 'S4 LRS', 'S4 LRS Disk Operations', '10K', '0.0005'),
    storage(HDD, 'Snapshots LRS', 'LRS Snapshots', '1 GB/Month', '0.05'),
    storage(SSD, 'Snapshots LRS', 'Snapshots LRS Snapshots', '1 GB/Month', '0.145'),
    storage(PREMIUM, 'Snapshots LRS', 'LRS Snapshots', '1 GB/Month', '0.145'),
    storage(PREMIUM, 'Snapshots ZRS', 'ZRS Snapshots', '1 GB/Month', '0.198'),
    listed('Storage', 'Premium Files', 'Premium LRS', 'Premium LRS Snapshots', '1 GB/Month', '0.136'),
  ]);

  it('costs what a disk of the tier does, not its mounts and operations', () => {
    expect(book.managedDiskMonthly('westeurope', 'P10', 'LRS')).toBe('21.68');
    expect(book.managedDiskMonthly('westeurope', 'p10', 'ZRS')).toBe('32.5');
    expect(book.managedDiskMonthly('westeurope', 'S4', 'LRS')).toBe('1.536');
    expect(book.managedDiskMonthly('westeurope', 'S4', 'ZRS')).toBeNull();
    expect(book.managedDiskMonthly('westeurope', 'P1', 'LRS')).toBeNull();
  });

  it('costs by the GiB for snapshots of disks, not of shares', () => {
    expect(book.snapshotGiBMonthly('westeurope', 'Standard', 'LRS')).toBe('0.05');
    expect(book.snapshotGiBMonthly('westeurope', 'Premium', 'LRS')).toBe('0.145');
    expect(book.snapshotGiBMonthly('westeurope', 'Premium', 'ZRS')).toBe('0.198');
    expect(book.snapshotGiBMonthly('westeurope', 'Standard', 'ZRS')).toBeNull();
  });
});

describe('a platform service', () => {
  it('is an App Service plan by its size and operating system, however the size is written', () => {
    const plan = (product: string, sku: string, meter: string, price: string) =>
      listed('Azure App Service', `Azure App Service ${product}`, sku, meter, '1 Hour', price);
    const book = new PriceBook('USD', [
      plan('Premium v3 Plan', 'P1 v3', 'P1 v3 App', '0.353'),
      plan('Premium v3 Plan - Linux', 'P1 v3', 'P1 v3 App', '0.193'),
      plan('Premium v4 Plan - Linux', 'P1v4', 'P1v4', '0.22'),
      plan('Basic Plan - Linux', 'B1', 'B1', '0.0243'),
      listed('Azure App Service', 'Static Web Apps', 'Standard', 'Standard App', '1/Month', '9'),
    ]);
    expect(book.appServicePlanHourly('westeurope', 'P1v3', 'Windows')).toBe('0.353');
    expect(book.appServicePlanHourly('westeurope', 'P1V3', 'Linux')).toBe('0.193');
    expect(book.appServicePlanHourly('westeurope', 'P1v4', 'Linux')).toBe('0.22');
    expect(book.appServicePlanHourly('westeurope', 'B1', 'Linux')).toBe('0.0243');
    expect(book.appServicePlanHourly('westeurope', 'B1', 'Windows')).toBeNull();
    expect(book.appServicePlanHourly('westeurope', 'Standard', 'Windows')).toBeNull();
  });

  it('is a database by its objective: by the day for transaction units, by the hour for cores', () => {
    const sql = (product: string, sku: string, meter: string, unit: string, price: string) =>
      listed('SQL Database', `SQL Database ${product}`, sku, meter, unit, price);
    const general = 'Single/Elastic Pool General Purpose - Compute Gen5';
    const book = new PriceBook('USD', [
      sql('Single Standard', 'S3', 'S3 DTUs', '1/Day', '4.8387'),
      sql('Single Standard', 'S3 Secondary', 'S3 Secondary DTUs', '1/Day', '9'),
      sql('Single Basic', 'B', 'B DTU', '1/Day', '0.1613'),
      sql(general, '4 vCore', 'vCore', '1 Hour', '0.608624'),
      sql(general, '4 vCore', 'vCore - Free', '1 Hour', '0'),
      sql(general, '4 vCore Zone Redundancy', 'Zone Redundancy vCore', '1 Hour', '0.365'),
      sql('SingleDB/Elastic Pool Hyperscale - Compute Gen5', '2 vCore', 'vCore', '1 Hour', '0.366'),
      sql('General Purpose - Serverless - Compute Gen5', '1 vCore', 'vCore', '1 Hour', '0.5218'),
    ]);
    expect(book.sqlDatabaseMonthly('westeurope', 'S3')).toBe('147.177125');
    expect(book.sqlDatabaseMonthly('westeurope', 'Basic')).toBe('4.9062083333');
    expect(book.sqlDatabaseMonthly('westeurope', 'GP_Gen5_4')).toBe('444.29552');
    expect(book.sqlDatabaseMonthly('westeurope', 'HS_Gen5_2')).toBe('267.18');
    expect(book.sqlDatabaseMonthly('westeurope', 'BC_Gen5_4')).toBeNull();
    expect(book.sqlDatabaseMonthly('westeurope', 'GP_S_Gen5_1')).toBeNull();
  });
});

describe('a public address', () => {
  const address = (meterName: string, price: string, changes: Partial<RetailPriceRecord> = {}) =>
    listed('Virtual Network', 'IP Addresses', meterName.split(' ')[0]!, meterName, '1 Hour', price, {
      isPrimaryMeterRegion: false,
      ...changes,
    });
  const everywhere = address('Standard IPv4 Static Public IP', '0.0045', { region: 'global' });

  it('costs what is listed for its region, and otherwise what is listed for all of them', () => {
    const book = new PriceBook('USD', [
      address('Standard IPv4 Static Public IP', '0.005'),
      address('Basic IPv4 Static Public IP', '0.0036'),
      everywhere,
    ]);
    expect(book.publicIpHourly('westeurope')).toBe('0.005');
    expect(book.publicIpHourly('northeurope')).toBe('0.0045');
  });

  it('costs what the first one does, whatever many of them do', () => {
    const many = address('Standard IPv4 Static Public IP', '0.001', { tierMinimumUnits: '1000' });
    expect(new PriceBook('USD', [many]).publicIpHourly('westeurope')).toBeNull();
    expect(new PriceBook('USD', [many, everywhere]).publicIpHourly('westeurope')).toBe('0.0045');
  });
});

describe('a price book', () => {
  it('is of one currency', () => {
    const [first, second] = D2S_V3 as [RetailPriceRecord, RetailPriceRecord];
    expect(() => new PriceBook('USD', [first, { ...second, currency: 'EUR' }])).toThrow(RangeError);
    expect(new PriceBook('USD', []).publicIpHourly('westeurope')).toBeNull();
  });
});
