import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { SHARE_OF_HOURS, virtualMachineOutsideOfficeHours } from '../virtual-machine-outside-office-hours/rule.js';
import { isLicenceCharge, powerStateOf } from '../virtual-machine.js';

/** SQL Server on machines, by the hour. */
export const sqlVirtualMachineWithoutHybridBenefit = defineRule({
  id: 'sql-virtual-machine-without-hybrid-benefit',
  title: 'Use Azure Hybrid Benefit for SQL Server on the machine',
  finds:
    'Running machines whose SQL Server Standard or Enterprise is paid for by the hour. Whether core licences with Software Assurance are at hand, Azure does not know: ask who buys them.',
  leavesOut: [
    'replicas for disaster recovery, which are free',
    'editions without a fee, Developer and Express, and Web, which has no such benefit',
    'machines that are stopped or deallocated',
  ],
  savings:
    'A guess: from nothing, without spare licences, to what software licences of the machine cost in the last 30 days; less the hours in which it should not run where virtual-machine-outside-office-hours finds it.',
  category: 'rate',
  action: 'relicense',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.sqlvirtualmachine/sqlvirtualmachines'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask who manages Microsoft licences for free cores of SQL Server {evidence.edition} with Software Assurance or a subscription: as many as the machine has vCPUs, at least four.',
    ],
    azureCli: ['az sql vm update --ids {id} --license-type AHUB'],
    portal: [
      'Open **SQL virtual machines**, choose `{name}`, **Configure**, **Azure Hybrid Benefit**, confirm, **Apply**.',
    ],
    terraform: 'Set `sql_license_type = "AHUB"` in `azurerm_mssql_virtual_machine`; nothing is restarted.',
    verify: ['`az sql vm show --ids {id} --query sqlServerLicenseType` answers AHUB; its licence is charged no more.'],
    undo: ['`az sql vm update --ids {id} --license-type PAYG`.'],
  },
  links: [
    {
      title: 'Change the licence model of SQL Server on a machine',
      url: 'https://learn.microsoft.com/azure/azure-sql/virtual-machines/windows/licensing-model-azure-hybrid-benefit-ahb-change',
    },
  ],
  evaluate(server, { estate, finds }) {
    const licence = textAt(server, 'properties.sqlServerLicenseType');
    if (licence === undefined) return undecided('no_license_type');
    if (licence.toUpperCase() === 'DR') return fine('disaster_recovery');
    if (licence.toUpperCase() !== 'PAYG') return fine('brings_its_licence');
    const edition = textAt(server, 'properties.sqlImageSku');
    if (edition === undefined) return undecided('no_edition');
    if (!/^(standard|enterprise)$/i.test(edition)) return fine('no_benefit_for_edition');
    const machine = estate.resource(textAt(server, 'properties.virtualMachineResourceId'));
    const state = machine && powerStateOf(machine);
    if (!machine || state === undefined) return undecided('no_power_state');
    // What stopped-virtual-machine saves has the licence in it.
    if (state === 'deallocated' || state === 'stopped') return fine('not_running');
    // Hours that are saved already need no licence; the machine is another resource, which totals do not know.
    const hours = finds(virtualMachineOutsideOfficeHours, machine) ? 1 - SHARE_OF_HOURS.likely : 1;
    return found({
      reason: `SQL Server ${edition} is paid for by the hour; licences that its owner has would do instead.`,
      evidence: {
        license_type: licence,
        edition,
        machine_id: machine.resourceId,
        size: textAt(machine, 'properties.hardwareProfile.vmSize') ?? null,
      },
      // Billed to the machine, not to its registration.
      saving: guessed(estate.costOf(machine.resourceId, isLicenceCharge), { low: 0, likely: hours, high: 1 }),
      certainty: 0.4,
    });
  },
});
