import { DATABASE_SIZES, METERS, PLAN_SIZES, databaseMeter, planMeter } from './meters.js';
import { publicAddress } from './compute-workloads.js';
import type { WorkloadContext } from './workload.js';

const HOURS_PER_DAY = 24_000_000;
const MONTHLY_UNIT_PER_DAY = 32_877;

/** An App Service plan; one in eight has no sites left and only costs. */
export function webApplication(context: WorkloadContext): void {
  const { random, application, suffix } = context;
  const plan = random.pick(PLAN_SIZES);
  const isEmpty = random.chance(0.12);
  const planName = `plan-${application}-${suffix}`;
  const farm = context.add({
    type: 'Microsoft.Web/serverFarms',
    name: planName,
    kind: 'linux',
    sku: { name: plan.name, tier: plan.tier, size: plan.name, family: plan.name.charAt(0), capacity: 1 },
    properties: {
      provisioningState: 'Succeeded',
      status: 'Ready',
      numberOfSites: isEmpty ? 0 : 2,
      numberOfWorkers: 1,
      reserved: true,
    },
    meters: [{ meter: planMeter(plan), dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
  });
  for (const part of ['web', 'api']) {
    const name = `${part === 'web' ? 'app' : 'func'}-${application}-${suffix}`;
    context.add({
      type: 'Microsoft.Web/sites',
      name,
      kind: part === 'web' ? 'app,linux' : 'functionapp,linux',
      properties: {
        state: isEmpty ? 'Stopped' : 'Running',
        hostNames: [`${name}.azurewebsites.example`],
        // Sites of an emptied plan were moved to a shared one.
        serverFarmId: isEmpty ? context.idOf('Microsoft.Web/serverFarms', 'plan-shared') : farm.id,
        httpsOnly: random.chance(0.8),
      },
      meters: [{ meter: METERS.bandwidthOut, dailyMicroUnits: random.below(900_000), pattern: 'bursty' }],
    });
  }
}

/** A SQL server with two databases. */
export function database(context: WorkloadContext): void {
  const { random, application, suffix } = context;
  const server = `sql-${application}-${suffix}`;
  context.add({
    type: 'Microsoft.Sql/servers',
    name: server,
    kind: 'v12.0',
    properties: {
      state: 'Ready',
      version: '12.0',
      fullyQualifiedDomainName: `${server}.database.example`,
      publicNetworkAccess: 'Disabled',
    },
  });
  for (const name of ['main', 'archive']) {
    const size = name === 'archive' ? DATABASE_SIZES[0] : random.pick(DATABASE_SIZES);
    context.add({
      type: 'Microsoft.Sql/servers/databases',
      name: `${server}/${name}`,
      kind: size.tier === 'GeneralPurpose' ? 'v12.0,user,vcore' : 'v12.0,user',
      sku: { name: size.name, tier: size.tier, capacity: size.capacity },
      properties: {
        status: 'Online',
        maxSizeBytes: 268_435_456_000,
        zoneRedundant: false,
        currentServiceObjectiveName: size.name,
        ...(size.tier === 'GeneralPurpose' ? { licenseType: 'BasePrice' } : {}),
      },
      meters: [{ meter: databaseMeter(size), dailyMicroUnits: 1_000_000, pattern: 'steady' }],
    });
  }
}

/** A storage account. */
export function storageAccount(context: WorkloadContext): void {
  const { random } = context;
  const name = `st${context.application}${context.suffix}`.replaceAll('-', '').slice(0, 24);
  context.add({
    type: 'Microsoft.Storage/storageAccounts',
    name,
    kind: 'StorageV2',
    sku: { name: random.chance(0.7) ? 'Standard_LRS' : 'Standard_GRS', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      creationTime: context.createdAt,
      accessTier: 'Hot',
      supportsHttpsTrafficOnly: true,
      isHnsEnabled: random.chance(0.3),
      primaryEndpoints: { blob: `https://${name}.blob.core.example/` },
    },
    meters: [
      {
        meter: METERS.blobCapacity,
        dailyMicroUnits: (50 + random.below(4_000)) * MONTHLY_UNIT_PER_DAY,
        pattern: 'steady',
      },
      // A few operations a day cost less than a hundredth of a cent; such amounts come in scientific notation.
      {
        meter: METERS.blobOperations,
        dailyMicroUnits: random.chance(0.3) ? 3_000 + random.below(9_000) : random.below(6_000_000),
        pattern: 'bursty',
      },
    ],
  });
}

/** A key vault. */
export function keyVault(context: WorkloadContext): void {
  context.add({
    type: 'Microsoft.KeyVault/vaults',
    name: `kv-${context.application}-${context.suffix}`.slice(0, 24),
    properties: {
      provisioningState: 'Succeeded',
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: context.random.chance(0.7),
      tenantId: context.subscription.tenantId,
    },
    meters: [{ meter: METERS.keyVault, dailyMicroUnits: 1_000 + context.random.below(30_000), pattern: 'bursty' }],
  });
}

/** A virtual network with its security group and a load balancer; one in four balancers has no members. */
export function network(context: WorkloadContext): void {
  const { random, application, suffix } = context;
  context.add({
    type: 'Microsoft.Network/virtualNetworks',
    name: `vnet-${application}-${suffix}`,
    properties: {
      provisioningState: 'Succeeded',
      addressSpace: { addressPrefixes: [`10.${random.below(250)}.0.0/16`] },
      subnets: [{ name: 'default', properties: { addressPrefix: `10.${random.below(250)}.1.0/24` } }],
    },
  });
  context.add({
    type: 'Microsoft.Network/networkSecurityGroups',
    name: `nsg-${application}-${suffix}`,
    properties: { provisioningState: 'Succeeded', securityRules: [] },
  });
  context.add({
    type: 'Microsoft.Network/loadBalancers',
    name: `lb-${application}-${suffix}`,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      backendAddressPools: random.chance(0.25)
        ? []
        : [
            {
              name: 'pool',
              properties: {
                backendIPConfigurations: [
                  { id: context.idOf('Microsoft.Network/networkInterfaces', `nic-${application}-${suffix}`) },
                ],
              },
            },
          ],
    },
    meters: [{ meter: METERS.loadBalancer, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
  });
  publicAddress(context, `pip-lb-${application}-${suffix}`, 'attached');
}

/** A Kubernetes cluster. */
export function cluster(context: WorkloadContext): void {
  context.add({
    type: 'Microsoft.ContainerService/managedClusters',
    name: `aks-${context.application}-${context.suffix}`,
    sku: { name: 'Base', tier: 'Standard' },
    identity: { type: 'SystemAssigned', tenantId: context.subscription.tenantId },
    properties: {
      provisioningState: 'Succeeded',
      kubernetesVersion: '1.33.2',
      powerState: { code: 'Running' },
      agentPoolProfiles: [
        {
          name: 'system',
          count: 3,
          vmSize: 'Standard_D4s_v5',
          mode: 'System',
          enableAutoScaling: context.random.chance(0.5),
        },
      ],
    },
    meters: [{ meter: METERS.cluster, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
  });
}

/** A Log Analytics workspace. */
export function logWorkspace(context: WorkloadContext): void {
  context.add({
    type: 'Microsoft.OperationalInsights/workspaces',
    name: `log-${context.application}-${context.suffix}`,
    properties: {
      provisioningState: 'Succeeded',
      retentionInDays: context.random.pick([30, 90, 365]),
      sku: { name: 'PerGB2018' },
    },
    meters: [
      { meter: METERS.logIngestion, dailyMicroUnits: 200_000 + context.random.below(6_000_000), pattern: 'office' },
    ],
  });
}
