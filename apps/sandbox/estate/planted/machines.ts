import { METERS, VM_SIZES, computeMeter } from '../meters.js';
import type { WorkloadContext } from '../workload.js';
import { BUSY, HOURS_PER_DAY, IDLE, load, machine } from './machine.js';

const LARGE = VM_SIZES[4];
const NOT_PRODUCTION = { environment: 'dev', 'cost-center': 'CC-1001' };

/** Machines that are idle, off, too large, too old or never switched off, and what looks like them. */
export function plantedMachines(context: WorkloadContext): void {
  const waste = (kind: string) => ({ waste: [{ kind }] });
  machine(context, 'busy');

  machine(context, 'idle', {}, { levels: IDLE, ...waste('idle-virtual-machine') });
  machine(context, 'cache', {}, { levels: load(2, 10, 10_000) });
  // A smaller one could pass on as much.
  machine(context, 'proxy', {}, { levels: load(2, 80, 5_000_000), ...waste('oversized-virtual-machine') });
  machine(context, 'unseen', {}, { levels: { ...IDLE, 'Available Memory Percentage': null } });
  machine(context, 'node', {}, { levels: IDLE, tags: { 'cost-center': 'CC-1001', 'aks-managed-poolName': 'system' } });
  machine(context, 'appliance', { image: APPLIANCE }, { levels: IDLE });

  machine(context, 'shut', { state: 'stopped' }, waste('stopped-virtual-machine'));
  machine(context, 'off', { state: 'deallocated' }, waste('long-deallocated-virtual-machine'));
  machine(context, 'season', { state: 'deallocated' }, { tags: { 'cost-center': 'CC-1001', keep: 'until the audit' } });

  const large = { vmSize: LARGE.name, compute: computeMeter(LARGE, 'Linux') };
  machine(context, 'large', large, { levels: load(12, 75, 5_000_000), ...waste('oversized-virtual-machine') });
  machine(context, 'large-in-use', large, { levels: load(12, 12, 5_000_000) });

  machine(context, 'nights', {}, { tags: NOT_PRODUCTION, ...waste('virtual-machine-outside-office-hours') });
  const days = {
    meter: computeMeter(VM_SIZES[2], 'Linux'),
    dailyMicroUnits: HOURS_PER_DAY / 2,
    pattern: 'office' as const,
  };
  machine(context, 'days', {}, { tags: NOT_PRODUCTION, meters: [days] });
  const scheduled = machine(context, 'scheduled', {}, { tags: NOT_PRODUCTION });
  context.add({
    type: 'microsoft.devtestlab/schedules',
    name: `shutdown-computevm-${scheduled.name}`,
    properties: {
      status: 'Enabled',
      taskType: 'ComputeVmShutdownTask',
      dailyRecurrence: { time: '1900' },
      timeZoneId: 'UTC',
      provisioningState: 'Succeeded',
      targetResourceId: scheduled.id,
    },
  });

  machine(
    context,
    'old',
    { vmSize: 'Standard_D4s_v3', compute: METERS.previousGeneration },
    { levels: BUSY, ...waste('superseded-machine-generation') },
  );
  machine(context, 'blob', { isUnmanaged: true }, waste('unmanaged-disk-virtual-machine'));
}

const APPLIANCE = { publisher: 'paloaltonetworks', offer: 'vmseries-flex', sku: 'byol' };
