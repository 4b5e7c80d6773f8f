import type { InventoryResource } from '#core/facts.js';
import { load } from './machines.js';
import type { TestEstate } from './test-estate.js';

/** A scale set of three instances under the load, changed by the draft and the properties. */
export function scaleSet(
  estate: TestEstate,
  use: Parameters<typeof load>[2] | null,
  draft: Partial<InventoryResource> = {},
  properties: object = {},
): InventoryResource {
  const subject = estate.add('microsoft.compute/virtualmachinescalesets', {
    name: 'vmss',
    sku: { name: 'Standard_D4s_v5', tier: 'Standard', capacity: 3 },
    properties: { timeCreated: estate.daysAgo(200), orchestrationMode: 'Uniform', ...properties },
    ...draft,
  });
  if (use) load(estate, subject, use);
  estate.charge(subject, '420', { meterCategory: 'Virtual Machines' });
  return subject;
}

/** What a rule would find, were nothing else in charge of it. */
export function managedScaleSets(use: Parameters<typeof load>[2]) {
  const fabric = { properties: { publisher: 'Microsoft.Azure.ServiceFabric', type: 'ServiceFabricNode' } };
  const drafts: readonly Partial<InventoryResource>[] = [
    { tags: { 'aks-managed-poolName': 'user' } },
    { tags: { __AzureDevOpsElasticPool: 'agents' } },
    { tags: { Vendor: 'Databricks' } },
    { resourceGroup: 'azurebatch-1234-C' },
    { properties: { virtualMachineProfile: { extensionProfile: { extensions: [fabric] } } } },
  ];
  return drafts.map(
    ({ properties, ...draft }) =>
      (estate: TestEstate) =>
        scaleSet(estate, use, draft, properties),
  );
}
