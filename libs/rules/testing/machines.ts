import type { InventoryResource } from '#core/facts.js';
import type { TestEstate } from './test-estate.js';

type Draft = Partial<InventoryResource>;
type Properties = object;
type Scene = (estate: TestEstate) => InventoryResource;

/** A running Linux machine of size D4s v5, changed by the draft and the properties. */
export function machine(estate: TestEstate, draft: Draft = {}, properties: Properties = {}): InventoryResource {
  return estate.add('microsoft.compute/virtualmachines', {
    name: 'vm',
    properties: {
      hardwareProfile: { vmSize: 'Standard_D4s_v5' },
      timeCreated: estate.daysAgo(200),
      priority: 'Regular',
      storageProfile: {
        osDisk: { osType: 'Linux', managedDisk: { id: '/disk' } },
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts' },
      },
      ...power('running'),
      ...properties,
    },
    ...draft,
  });
}

/** The properties of a machine's power state. */
export function power(state: string): Properties {
  return { extended: { instanceView: { powerState: { code: `PowerState/${state}` } } } };
}

/** The properties of a machine made from an image. */
export function image(publisher: string, offer: string, osType = 'Linux'): Properties {
  return {
    storageProfile: { osDisk: { osType, managedDisk: { id: '/disk' } }, imageReference: { publisher, offer } },
  };
}

type Make = (estate: TestEstate, draft?: Draft, properties?: Properties) => InventoryResource;

/** What a rule would find, were nothing else in charge of it. */
export function managedMachines(make: Make): readonly Scene[] {
  return [
    (estate) => make(estate, { resourceGroup: 'MC_shop_aks_westeurope' }),
    (estate) => make(estate, {}, { virtualMachineScaleSet: { id: '/vmss' } }),
    (estate) => make(estate, { tags: { Vendor: 'Databricks' } }),
    (estate) =>
      make(estate, { tags: { 'cm-resource-parent': '/providers/Microsoft.DesktopVirtualization/hostpools/p' } }),
    (estate) => make(estate, {}, { licenseType: 'Windows_Client' }),
    (estate) => make(estate, {}, image('MicrosoftWindowsDesktop', 'windows-11', 'Windows')),
  ];
}

/** What a rule would find, had its software no rules of its own. */
export function specialMachines(make: Make): readonly Scene[] {
  return [
    (estate) => make(estate, {}, image('paloaltonetworks', 'vmseries-flex')),
    (estate) => make(estate, {}, image('MicrosoftSQLServer', 'sql2022-ws2022', 'Windows')),
    (estate) => {
      const subject = make(estate);
      estate.add('microsoft.sqlvirtualmachine/sqlvirtualmachines', {
        properties: { virtualMachineResourceId: subject.originalId },
      });
      return subject;
    },
  ];
}

interface Load {
  cpu: number | { average: number; p95: number; maximum: number };
  /** Percent of memory that is available; absent where that is not told. */
  free?: number;
  /** MiB a day. */
  network?: number;
  disk?: number;
  coverage?: number;
}

/** Two weeks of the metrics of a machine, each as steady as it gets. */
export function load(
  estate: TestEstate,
  subject: InventoryResource,
  { cpu, free, coverage = 1, ...amounts }: Load,
): void {
  const steady = (value: number) => ({ average: value, p05: value, p95: value, maximum: value, coverage });
  estate.measure(subject, 'Percentage CPU', typeof cpu === 'number' ? steady(cpu) : { ...steady(0), ...cpu });
  if (free !== undefined) estate.measure(subject, 'Available Memory Percentage', steady(free));
  const perHour = (mebibytesADay: number) => steady((mebibytesADay * 1024 ** 2) / 24 / 2);
  for (const metric of ['Network In Total', 'Network Out Total']) {
    estate.measure(subject, metric, perHour(amounts.network ?? 20));
  }
  for (const metric of ['Disk Read Bytes', 'Disk Write Bytes']) {
    estate.measure(subject, metric, perHour(amounts.disk ?? 20));
  }
}
