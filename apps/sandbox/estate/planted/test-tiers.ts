import { METERS } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';
import { HOURS_PER_DAY } from './machine.js';

const NOT_PRODUCTION = { environment: 'dev', 'cost-center': 'CC-1001' };
const STANDARD = { name: 'Standard', family: 'C', capacity: 1 };

/** Caches and registries of a tier that tests do not need, a cache that failed, and what looks like them. */
export function plantedTestTiers(context: WorkloadContext): void {
  const waste = (kind: string) => ({ waste: [{ kind }] });
  const test = { tags: NOT_PRODUCTION };
  cache(context, 'premium', {}, { ...test, ...waste('redis-cache-outside-production-premium') });
  cache(context, 'premium-prod', {});
  cache(context, 'sharded', { shardCount: 2 }, test);
  cache(context, 'standard', { sku: STANDARD }, test);
  cache(context, 'failed', { sku: STANDARD, provisioningState: 'Failed' }, waste('failed-redis-cache'));

  registry(context, 'premium', {}, { ...test, ...waste('container-registry-premium-outside-production') });
  registry(context, 'prod', {});
  registry(context, 'private', { publicNetworkAccess: 'Disabled' }, test);
}

/** A premium cache, changed by the properties and the draft. */
function cache(
  context: WorkloadContext,
  name: string,
  properties: { sku?: object; shardCount?: number; provisioningState?: string },
  draft: Partial<ResourceDraft> = {},
): void {
  const meter = properties.sku ? METERS.redisStandard : METERS.redisPremium;
  context.add({
    type: 'Microsoft.Cache/Redis',
    name: `redis-${context.suffix}-${name}`,
    properties: {
      provisioningState: 'Succeeded',
      redisVersion: '6.0',
      // Unlike elsewhere the SKU is one of the properties.
      sku: { name: 'Premium', family: 'P', capacity: 1 },
      enableNonSslPort: false,
      replicasPerMaster: 1,
      linkedServers: [],
      redisConfiguration: { maxclients: '7500', 'maxmemory-reserved': '642' },
      ...properties,
    },
    meters: [{ meter, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

/** A premium registry, changed by the properties and the draft. */
function registry(
  context: WorkloadContext,
  name: string,
  properties: object,
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.ContainerRegistry/registries',
    name: `acr${context.suffix}${name}`,
    sku: { name: 'Premium', tier: 'Premium' },
    properties: {
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      publicNetworkAccess: 'Enabled',
      zoneRedundancy: 'Disabled',
      dataEndpointEnabled: false,
      privateEndpointConnections: [],
      networkRuleSet: { defaultAction: 'Allow', ipRules: [] },
      encryption: { status: 'disabled' },
      policies: {
        retentionPolicy: { status: 'disabled', days: 7 },
        trustPolicy: { status: 'disabled', type: 'Notary' },
      },
      ...properties,
    },
    meters: [{ meter: METERS.registryPremium, dailyMicroUnits: 1_000_000, pattern: 'steady' }],
    ...draft,
  });
}
