import type { InventoryResource } from '#core/facts.js';
import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { imagePublisherOf, isLicenceCharge, operatingSystemOf, powerStateOf } from '../virtual-machine.js';

/** Red Hat and SUSE machines that rent their subscription. */
export const linuxWithoutHybridBenefit = defineRule({
  id: 'linux-without-hybrid-benefit',
  title: 'Use Azure Hybrid Benefit for the Red Hat or SUSE machine',
  finds:
    'Running machines from pay-as-you-go images of Red Hat Enterprise Linux or SUSE Linux Enterprise, which pay for the subscription by the hour. Whether the owner has subscriptions of his own, Azure does not know.',
  leavesOut: [
    'machines that bring their subscription',
    'images without a fee: openSUSE, and those for subscriptions of one’s own',
    'machines that are deallocated',
  ],
  savings:
    'A guess: from nothing to what software licences of the machine cost in the last 30 days. What one’s own subscriptions cost is to be taken off.',
  category: 'rate',
  action: 'relicense',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask who manages subscriptions for free ones that Red Hat (Cloud Access) or SUSE lets move to Azure, and what they cost a year.',
      'After the change updates come from one’s own subscription manager, Satellite or SUSE Manager: have it ready.',
    ],
    azureCli: [
      'az vm extension set --vm-name {name} --resource-group {resource_group} --publisher Microsoft.Azure.AzureHybridBenefit --name {evidence.extension}',
      'az vm update --ids {id} --license-type {evidence.target_license_type}',
    ],
    portal: [
      'Open the machine `{name}`, **Operating system**, **Licensing**, tick that you have a subscription, **Save**.',
    ],
    terraform: 'Set `license_type = "{evidence.target_license_type}"` in `azurerm_linux_virtual_machine`.',
    verify: [
      '`az vm show --ids {id} --query licenseType` answers {evidence.target_license_type}; charges for its licence end with the hour.',
      'In the machine `subscription-manager status` or `SUSEConnect --status` shows the own subscription.',
    ],
    undo: ['`az vm update --ids {id} --license-type None`: the image’s own fee is charged again.'],
  },
  links: [
    {
      title: 'Azure Hybrid Benefit for Linux',
      url: 'https://learn.microsoft.com/azure/virtual-machines/linux/azure-hybrid-benefit-linux',
    },
  ],
  evaluate(machine, { estate }) {
    const system = operatingSystemOf(machine);
    if (system === undefined) return undecided('no_operating_system');
    if (system !== 'Linux') return fine('not_linux');
    const licence = textAt(machine, 'properties.licenseType');
    if (licence && /_byos$/i.test(licence)) return fine('brings_its_subscription');
    const vendor = vendorOf(machine, licence);
    if (!vendor) return fine('no_fee');
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state === 'deallocated') return fine('not_running');
    const offer = textAt(machine, 'properties.storageProfile.imageReference.offer') ?? null;
    return found({
      reason: `The machine pays for its ${vendor === 'RHEL' ? 'Red Hat' : 'SUSE'} subscription by the hour; one that its owner has would do instead.`,
      evidence: {
        offer,
        license_type: licence ?? null,
        target_license_type: `${vendor}_BYOS`,
        extension: vendor === 'RHEL' ? 'AHBForRHEL' : 'AHBForSLES',
      },
      saving: guessed(estate.costOf(machine.resourceId, isLicenceCharge), { low: 0, likely: 1, high: 1 }),
      certainty: 0.4,
    });
  },
});

/** Whom the machine pays: by its licence type where it was converted, else by its image. */
function vendorOf(machine: InventoryResource, licence: string | undefined): 'RHEL' | 'SLES' | undefined {
  if (licence && /^rhel_/i.test(licence)) return 'RHEL';
  if (licence && /^sles/i.test(licence)) return 'SLES';
  const offer = textAt(machine, 'properties.storageProfile.imageReference.offer')?.toLowerCase();
  if (offer === undefined || /byos|opensuse/.test(offer)) return undefined;
  const publisher = imagePublisherOf(machine);
  if (publisher === 'redhat' && offer.startsWith('rhel')) return 'RHEL';
  return publisher === 'suse' && offer.startsWith('sles') ? 'SLES' : undefined;
}
