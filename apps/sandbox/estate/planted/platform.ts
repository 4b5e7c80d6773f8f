import { METERS, PLATFORM_METERS } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;
const DEVELOPMENT = { environment: 'dev', 'cost-center': 'CC-1001' };

/** Log Analytics, Cosmos DB, application gateways and Synapse: what costs too much there, and what looks like it. */
export function plantedPlatform(context: WorkloadContext): void {
  workspace(context, 'much', 150, 30, { name: 'PerGB2018' }, { waste: [{ kind: 'log-analytics-commitment-tier' }] });
  workspace(context, 'committed', 150, 30, { name: 'CapacityReservation', capacityReservationLevel: 100 });
  workspace(context, 'little', 20, 90, { name: 'PerGB2018' });
  workspace(context, 'kept', 5, 730, { name: 'PerGB2018' }, { waste: [{ kind: 'long-log-retention' }] });
  const security = workspace(context, 'security', 150, 365, { name: 'PerGB2018' });
  context.add({
    type: 'Microsoft.OperationsManagement/solutions',
    name: `SecurityInsights(${security.name})`,
    properties: { provisioningState: 'Succeeded', workspaceResourceId: security.id },
  });

  const replicated = [{ kind: 'cosmos-db-multi-region-outside-production' }];
  cosmos(context, 'spread-dev', ['West Europe', 'North Europe'], { tags: DEVELOPMENT, waste: replicated });
  cosmos(context, 'spread', ['West Europe', 'North Europe']);
  cosmos(context, 'dev', ['West Europe'], { tags: DEVELOPMENT });

  gateway(context, 'old', 'Standard', { waste: [{ kind: 'application-gateway-v1' }] });
  gateway(context, 'new', 'Standard_v2');

  sqlPool(context, 'idle', 'Online', 0.5, { waste: [{ kind: 'idle-dedicated-sql-pool' }] });
  sqlPool(context, 'busy', 'Online', 40);
  sqlPool(context, 'paused', 'Paused', 0, { meters: [] });
}

function workspace(
  context: WorkloadContext,
  name: string,
  gigabytes: number,
  retentionInDays: number,
  sku: object,
  draft: Partial<ResourceDraft> = {},
) {
  return context.add({
    type: 'Microsoft.OperationalInsights/workspaces',
    name: `log-${context.suffix}-${name}`,
    properties: { provisioningState: 'Succeeded', retentionInDays, sku, workspaceCapping: { dailyQuotaGb: -1 } },
    meters: [{ meter: METERS.logIngestion, dailyMicroUnits: gigabytes * 1_000_000, pattern: 'steady' }],
    ...draft,
  });
}

function cosmos(
  context: WorkloadContext,
  name: string,
  regions: readonly string[],
  draft: Partial<ResourceDraft> = {},
): void {
  const locations = regions.map((locationName, failoverPriority) => ({
    locationName,
    failoverPriority,
    provisioningState: 'Succeeded',
    isZoneRedundant: false,
  }));
  context.add({
    type: 'Microsoft.DocumentDB/databaseAccounts',
    name: `cosmos-${context.suffix}-${name}`,
    kind: 'GlobalDocumentDB',
    properties: {
      provisioningState: 'Succeeded',
      databaseAccountOfferType: 'Standard',
      enableMultipleWriteLocations: false,
      capabilities: [],
      locations,
      writeLocations: locations.slice(0, 1),
      readLocations: locations,
    },
    meters: [
      {
        meter: PLATFORM_METERS.cosmosThroughput,
        dailyMicroUnits: 10 * regions.length * HOURS_PER_DAY,
        pattern: 'steady',
      },
    ],
    ...draft,
  });
}

function gateway(context: WorkloadContext, name: string, tier: string, draft: Partial<ResourceDraft> = {}): void {
  context.add({
    type: 'Microsoft.Network/applicationGateways',
    name: `agw-${context.suffix}-${name}`,
    properties: {
      provisioningState: 'Succeeded',
      operationalState: 'Running',
      sku: { name: tier === 'Standard' ? 'Standard_Medium' : tier, tier, capacity: 2 },
      backendAddressPools: [
        {
          name: 'pool',
          properties: { backendAddresses: [{ fqdn: 'app.contoso.example' }], backendIPConfigurations: [] },
        },
      ],
    },
    meters: [{ meter: PLATFORM_METERS.gatewayV1, dailyMicroUnits: 2 * HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

function sqlPool(
  context: WorkloadContext,
  name: string,
  status: 'Online' | 'Paused',
  used: number,
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.Synapse/workspaces/sqlPools',
    name: `synapse-${context.suffix}/${name}`,
    sku: { name: 'DW100c', capacity: 0 },
    properties: { provisioningState: 'Succeeded', status, creationDate: context.createdAt },
    meters: [{ meter: PLATFORM_METERS.dataWarehouseUnits, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    levels: { DWUUsedPercent: used },
    ...draft,
  });
}
