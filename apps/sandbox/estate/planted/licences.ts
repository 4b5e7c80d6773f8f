import { METERS } from '../meters.js';
import type { WorkloadContext } from '../workload.js';
import { machine } from './machine.js';

const WINDOWS = {
  osType: 'Windows' as const,
  image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-azure-edition' },
};
const WITH_LICENCE = { properties: { licenseType: 'Windows_Server' } };
const RED_HAT = { image: { publisher: 'RedHat', offer: 'RHEL', sku: '9-lvm-gen2' } };

/** Machines that rent Windows, Red Hat and SQL Server by the hour, and those that bring licences along. */
export function plantedLicences(context: WorkloadContext): void {
  machine(context, 'windows', WINDOWS, { waste: [{ kind: 'windows-without-hybrid-benefit' }] });
  machine(context, 'windows-own', { ...WINDOWS, ...WITH_LICENCE });
  machine(context, 'host', { ...WINDOWS, properties: { licenseType: 'Windows_Client' } });

  const licence = METERS.redHatLicence;
  machine(context, 'rhel', { ...RED_HAT, licence }, { waste: [{ kind: 'linux-without-hybrid-benefit' }] });
  machine(context, 'rhel-own', { ...RED_HAT, properties: { licenseType: 'RHEL_BYOS' } });
  machine(context, 'rhel-byos', { image: { publisher: 'RedHat', offer: 'rhel-byos', sku: 'rhel-lvm9-gen2' } });

  sqlServer(context, 'sql', 'PAYG', true);
  sqlServer(context, 'sql-own', 'AHUB', false);
  sqlServer(context, 'sql-replica', 'DR', false);
}

/** A machine with SQL Server Standard and its registration, which is what has the licence. */
function sqlServer(context: WorkloadContext, name: string, licenseType: string, isWaste: boolean): void {
  const host = machine(context, name, {
    ...WINDOWS,
    ...WITH_LICENCE,
    image: { publisher: 'MicrosoftSQLServer', offer: 'sql2022-ws2022', sku: 'standard-gen2' },
    ...(licenseType === 'PAYG' ? { licence: METERS.sqlServerLicence } : {}),
  });
  context.add({
    type: 'Microsoft.SqlVirtualMachine/SqlVirtualMachines',
    name: host.name,
    properties: {
      virtualMachineResourceId: host.id,
      provisioningState: 'Succeeded',
      sqlImageOffer: 'SQL2022-WS2022',
      sqlImageSku: 'Standard',
      sqlManagement: 'Full',
      sqlServerLicenseType: licenseType,
    },
    ...(isWaste ? { waste: [{ kind: 'sql-virtual-machine-without-hybrid-benefit' }] } : {}),
  });
}
