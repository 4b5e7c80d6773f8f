import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed, possibly, repriced } from '../savings.js';
import { imagePublisherOf, isMachineCharge, operatingSystemOf, powerStateOf } from '../virtual-machine.js';

/** Windows machines that rent their licence. */
export const windowsWithoutHybridBenefit = defineRule({
  id: 'windows-without-hybrid-benefit',
  title: 'Use Azure Hybrid Benefit for the Windows machine',
  finds:
    'Running Windows Server machines that pay for their licence by the hour. Whether licences with Software Assurance are at hand, Azure does not know: ask who buys them.',
  leavesOut: [
    'subscriptions of a Dev/Test or Visual Studio offer, which pay for no Windows',
    'client editions of Windows and images of Visual Studio',
    'machines that are deallocated',
  ],
  savings:
    'From nothing, without spare licences, to the difference between the list prices of Windows and Linux on what its compute cost in the last 30 days; 45 % of that cost where no list price is known, from the usual 0.046 USD per core and hour.',
  category: 'rate',
  action: 'relicense',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['costs', 'prices'],
  thresholds: {},
  runbook: {
    check: [
      'Ask who manages Microsoft licences for free core licences of Windows Server with Software Assurance or a subscription: at least 8 cores for each machine of {evidence.size}.',
      'A Standard licence serves either here or on premises; only Datacenter serves both.',
    ],
    azureCli: ['az vm update --ids {id} --license-type Windows_Server'],
    portal: ['Open the machine `{name}`, **Operating system**, **Licensing**, tick that you have licences, **Save**.'],
    terraform: 'Set `license_type = "Windows_Server"` in `azurerm_windows_virtual_machine`; nothing is restarted.',
    verify: [
      '`az vm show --ids {id} --query licenseType` answers Windows_Server; the next day costs the price of Linux.',
    ],
    undo: ['`az vm update --ids {id} --license-type None`.'],
  },
  links: [
    {
      title: 'Azure Hybrid Benefit for Windows Server',
      url: 'https://learn.microsoft.com/windows-server/get-started/azure-hybrid-benefit',
    },
  ],
  evaluate(machine, { estate }) {
    const system = operatingSystemOf(machine);
    if (system === undefined) return undecided('no_operating_system');
    if (system !== 'Windows') return fine('not_windows');
    const licence = textAt(machine, 'properties.licenseType');
    if (licence && /^windows_/i.test(licence)) return fine('brings_its_licence');
    if (/^microsoft(windowsdesktop|visualstudio)$/.test(imagePublisherOf(machine) ?? '')) return fine('client_edition');
    const { quotaId } = estate.facts;
    if (quotaId === null) return undecided('no_offer');
    if (/msdn|devtest/i.test(quotaId)) return fine('dev_test_offer');
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state === 'deallocated') return fine('not_running');
    const size = textAt(machine, 'properties.hardwareProfile.vmSize') ?? '';
    const cost = estate.costOf(machine.resourceId, isMachineCharge);
    const hourly = (os: 'Linux' | 'Windows') =>
      estate.reference.prices?.virtualMachineHourly(machine.location ?? '', size, os) ?? null;
    return found({
      reason: 'The machine pays for Windows Server by the hour; a licence that its owner has would do instead.',
      evidence: { size, license_type: licence ?? null, offer: quotaId },
      saving: possibly(
        repriced(cost, hourly('Windows'), hourly('Linux')) ?? guessed(cost, { low: 0, likely: 0.45, high: 0.5 }),
      ),
      certainty: 0.4,
    });
  },
});
