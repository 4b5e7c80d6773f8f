import type { BearerTokens } from '../entra/bearer-tokens.js';
import type { Estate } from '../estate/estate.js';
import { MACHINE_SIZES, type MachineSize } from '../estate/machine-sizes.js';
import { LOCATIONS } from '../estate/names.js';
import { type SandboxRequest, azureError, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { requireApiVersion } from '../resource-manager/api-version.js';
import { readableSubscription } from '../resource-manager/subscription-access.js';

const API_VERSIONS = ['2019-04-01', '2021-07-01'];
const ZONES = ['1', '2', '3'];

/** The list of what Compute sells in a region: sizes of virtual machines and, among them, other things. */
export function skuRoutes(estate: Estate, tokens: BearerTokens): Route[] {
  return [
    {
      service: 'resource-manager',
      method: 'GET',
      pattern: /^\/subscriptions\/(?<subscriptionId>[^/]+)\/providers\/Microsoft\.Compute\/skus$/i,
      handle: async (request, { subscriptionId = '' }) => {
        const caller = await tokens.requireResourceManager(request);
        requireApiVersion(request, API_VERSIONS, 'Microsoft.Compute', 'skus');
        const subscription = readableSubscription(estate, caller, subscriptionId, 'Microsoft.Compute/skus/read');
        request.notes.subscriptionId = subscription.subscriptionId;
        return json(200, { value: regionsOf(request).flatMap(skusIn) });
      },
    },
  ];
}

/** The one filter there is; without it, everything everywhere is listed. */
function regionsOf(request: SandboxRequest): string[] {
  const all = [...new Set<string>(LOCATIONS)];
  const filter = request.query.get('$filter');
  if (filter === undefined) return all;
  const location = /^\s*location eq '([^']+)'\s*$/i.exec(filter)?.[1]?.toLowerCase();
  if (location === undefined) {
    throw azureError(400, 'BadRequest', `The filter '${filter}' is not supported: only location can be filtered by.`);
  }
  return all.filter((region) => region === location);
}

function skusIn(region: string): object[] {
  return [
    sku('availabilitySets', 'Aligned', region, {}),
    ...MACHINE_SIZES.map((size) =>
      sku('virtualMachines', size.name, region, {
        tier: 'Standard',
        size: size.name.replace('Standard_', ''),
        family: size.series.family,
        capabilities: capabilitiesOf(size),
        restrictions: restrictionsOf(size, region),
      }),
    ),
    sku('disks', 'Premium_LRS', region, { tier: 'Premium', size: 'P10' }),
  ];
}

function sku(resourceType: string, name: string, region: string, rest: object): object {
  return {
    resourceType,
    name,
    locations: [region],
    locationInfo: [{ location: region, zones: ZONES, zoneDetails: [] }],
    capabilities: [],
    restrictions: [],
    ...rest,
  };
}

/** As Azure writes them: all text, truth values capitalised. */
function capabilitiesOf({ cores, memoryGiB, series }: MachineSize): { name: string; value: string }[] {
  const temporaryMiB = Math.round(series.temporaryGiBPerCore * cores * 1024);
  const capabilities = {
    MaxResourceVolumeMB: temporaryMiB,
    OSVhdSizeMB: 1_047_552,
    vCPUs: cores,
    HyperVGenerations: series.architecture === 'Arm64' ? 'V2' : 'V1,V2',
    MemoryGB: memoryGiB,
    MaxDataDiskCount: Math.min(32, cores * 2),
    CpuArchitectureType: series.architecture,
    LowPriorityCapable: true,
    PremiumIO: series.premiumStorage,
    VMDeploymentTypes: 'IaaS',
    vCPUsAvailable: cores,
    vCPUsPerCore: cores === 1 ? 1 : 2,
    UncachedDiskIOPS: Math.min(80_000, cores * 1_600),
    UncachedDiskBytesPerSecond: Math.min(2_600, cores * 36) * 1_000_000,
    EphemeralOSDiskSupported: temporaryMiB > 0,
    AcceleratedNetworkingEnabled: series.acceleratedNetworking,
    RdmaEnabled: false,
    MaxNetworkInterfaces: Math.min(8, Math.max(2, cores / 2)),
  };
  return Object.entries(capabilities).map(([name, value]) => ({
    name,
    value: typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value),
  }));
}

/** One series cannot be had at all, another not in one of the zones. */
function restrictionsOf({ series }: MachineSize, region: string): object[] {
  if (series.product !== 'Lsv3' && series.product !== 'Dadsv5') return [];
  const isRegional = series.product === 'Lsv3';
  return [
    {
      type: isRegional ? 'Location' : 'Zone',
      values: [region],
      restrictionInfo: { locations: [region], ...(isRegional ? {} : { zones: ['3'] }) },
      reasonCode: 'NotAvailableForSubscription',
    },
  ];
}
