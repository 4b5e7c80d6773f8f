import { guidOf } from '../estate/seeded-random.js';

/** Advisor's categories. */
export type Category = 'Cost' | 'Security' | 'HighAvailability' | 'Performance' | 'OperationalExcellence';
export type Impact = 'High' | 'Medium' | 'Low';

/** What one kind of recommendation says. */
export interface RecommendationType {
  readonly typeId: string;
  readonly category: Category;
  readonly impact: Impact;
  readonly problem: string;
  readonly solution: string;
}

/** The kinds that have well-known ids. */
export const COST_TYPES = {
  rightsize: {
    typeId: 'e10b1381-5f0a-47ff-8c7b-37bd13d7c974',
    category: 'Cost',
    impact: 'High',
    problem: 'Right-size or shutdown underutilized virtual machines',
    solution: 'Right-size or shutdown underutilized virtual machines',
  },
  unattachedDisk: {
    typeId: '48eda464-1485-4dcf-a674-d0905df5054a',
    category: 'Cost',
    impact: 'Medium',
    problem: 'You have disks that have not been attached to a VM for more than 30 days.',
    solution: 'Review disks that are not attached to a VM and evaluate if you still need the disk',
  },
  unusedPlan: {
    typeId: '39a8510f-5bbf-4304-9bcd-4106c996473b',
    category: 'Cost',
    impact: 'Low',
    problem: 'Unused/Empty App Service plan',
    solution: 'Remove the App Service plan or host apps in it',
  },
  reservation: {
    typeId: '84b1a508-fc21-49da-979e-96894f1665df',
    category: 'Cost',
    impact: 'High',
    problem: 'Consider virtual machine reserved instance to save over your on-demand costs',
    solution: 'Consider virtual machine reserved instance to save over your on-demand costs',
  },
  savingsPlan: {
    typeId: '89515250-1243-43d1-b4e7-f9437cedffd8',
    category: 'Cost',
    impact: 'High',
    problem: 'Consider purchasing a savings plan to unlock lower prices on eligible compute usage',
    solution: 'Consider purchasing a savings plan to unlock lower prices on eligible compute usage',
  },
} as const satisfies Readonly<Record<string, RecommendationType>>;

function other(category: Category, impact: Impact, problem: string, solution = problem): RecommendationType {
  return { typeId: guidOf('advisor', problem), category, impact, problem, solution };
}

/** What is recommended for a resource type besides cost, and for how many resources of a hundred. */
export const OTHER_TYPES: readonly {
  readonly resourceType: string;
  readonly share: number;
  readonly type: RecommendationType;
}[] = [
  {
    resourceType: 'Microsoft.Compute/virtualMachines',
    share: 30,
    type: other('Security', 'High', 'Machines should have vulnerability findings resolved'),
  },
  {
    resourceType: 'Microsoft.Compute/virtualMachines',
    share: 25,
    type: other('HighAvailability', 'Medium', 'Enable Backups on your virtual machines'),
  },
  {
    resourceType: 'Microsoft.Compute/virtualMachines',
    share: 10,
    type: other(
      'Performance',
      'Medium',
      'Improve user experience and connectivity by deploying VMs closer to user’s location',
    ),
  },
  {
    resourceType: 'Microsoft.Storage/storageAccounts',
    share: 40,
    type: other('Security', 'Medium', 'Storage account public access should be disallowed'),
  },
  {
    resourceType: 'Microsoft.Sql/servers/databases',
    share: 20,
    type: other('HighAvailability', 'High', 'Enable zone redundancy for your databases'),
  },
  {
    resourceType: 'Microsoft.KeyVault/vaults',
    share: 50,
    type: other('OperationalExcellence', 'Low', 'Enable purge protection for your key vaults'),
  },
];
