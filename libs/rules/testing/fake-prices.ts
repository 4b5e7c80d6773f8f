import type { Prices } from '../reference.js';

/** A price list in US dollars that knows nothing but what is given. */
export function fakePrices(known: Partial<Prices>): Prices {
  const unknown = () => null;
  return {
    currency: 'USD',
    virtualMachineHourly: unknown,
    reservedVirtualMachineHourly: unknown,
    managedDiskMonthly: unknown,
    snapshotGiBMonthly: unknown,
    appServicePlanHourly: unknown,
    sqlDatabaseMonthly: unknown,
    publicIpHourly: unknown,
    ...known,
  };
}
