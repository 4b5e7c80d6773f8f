import { type Day, addDays } from '#core/day.js';
import type { Subscription } from '../estate/estate.js';
import { VM_SIZES, type VmSize } from '../estate/meters.js';
import type { Resource } from '../estate/resource.js';
import { hash32 } from '../estate/seeded-random.js';
import { isSwitchedOff, powerStateOf, runsInOfficeHours, utilizationProfileOf } from '../estate/utilization-profile.js';
import { findMetric, metricNamespace } from '../monitor/metric-namespaces.js';
import { metricLifeOf } from '../monitor/metric-life.js';
import { MetricSeries } from '../monitor/metric-series.js';
import { signalOf } from '../monitor/metric-signal.js';
import { type Recommendation, resourceRecommendation } from './recommendation.js';
import { COST_TYPES, OTHER_TYPES } from './recommendation-types.js';
import { savingsFields } from './savings.js';

const LOOK_BACK_DAYS = 7;
const UNATTACHED_DAYS = 30;
const HOURS_PER_YEAR = 8_760;
const OFFICE_HOURS_PER_YEAR = 11 * 365;
/** The next smaller size Advisor proposes; the smallest has none. */
const SMALLER: Readonly<Record<string, string>> = {
  Standard_D2s_v5: 'Standard_B2ms',
  Standard_D4s_v5: 'Standard_D2s_v5',
  Standard_E4s_v5: 'Standard_D4s_v5',
  Standard_D8s_v5: 'Standard_D4s_v5',
  Standard_F16s_v2: 'Standard_D8s_v5',
};

/** What Advisor says about a single resource on a day. */
export function recommendationsFor(subscription: Subscription, resource: Resource, day: Day): Recommendation[] {
  const cost = costRecommendation(subscription, resource, day);
  const others = OTHER_TYPES.filter(
    ({ resourceType, share, type }) =>
      resource.type === resourceType && hash32(resource.seed, type.typeId) % 100 < share,
  ).map(({ type }) => resourceRecommendation(subscription, resource, type, day, { extendedProperties: {} }));
  return cost ? [cost, ...others] : others;
}

function costRecommendation(subscription: Subscription, resource: Resource, day: Day): Recommendation | undefined {
  const { properties } = resource;
  switch (resource.type) {
    case 'Microsoft.Compute/virtualMachines':
      return rightsizing(subscription, resource, day);
    case 'Microsoft.Compute/disks':
      if (properties['diskState'] !== 'Unattached' || !isOlderThan(resource, day, UNATTACHED_DAYS)) return undefined;
      return resourceRecommendation(subscription, resource, COST_TYPES.unattachedDisk, day, {
        extendedProperties: {
          _skuToken: resource.meters[0]?.meter.name ?? '',
          _meterIdToken: resource.meters[0]?.meter.meterId ?? '',
        },
      });
    case 'Microsoft.Web/serverFarms':
      if (properties['numberOfSites'] !== 0) return undefined;
      return resourceRecommendation(subscription, resource, COST_TYPES.unusedPlan, day, {
        // The plan is filed under the type of the sites it has not got.
        impactedField: 'MICROSOFT.WEB/SITES',
        extendedProperties: { serverFarmName: resource.name, siteSku: String(resource.sku?.['name'] ?? '') },
      });
    default:
      return undefined;
  }
}

/** Advisor looks at a machine's processor and, where it can, its memory over a week. */
function rightsizing(subscription: Subscription, resource: Resource, day: Day): Recommendation | undefined {
  const profile = utilizationProfileOf(resource);
  const isIdle = profile === 'idle';
  const size = VM_SIZES.find(({ name }) => name === sizeNameOf(resource));
  const smaller = VM_SIZES.find(({ name }) => name === SMALLER[size?.name ?? '']);
  if (!isIdle && profile !== 'underutilized' && profile !== 'no-memory-data') return undefined;
  if (!size || (!isIdle && !smaller)) return undefined;
  if (powerStateOf(resource) !== 'running' || isSwitchedOff(subscription)) return undefined;
  if (resource.properties['priority'] === 'Spot' || !isOlderThan(resource, day, LOOK_BACK_DAYS)) return undefined;
  const target = isIdle ? undefined : smaller;
  const annualUsd = annualPrice(resource, size) - (target ? annualPrice(resource, target) : 0);
  const draw = hash32(resource.seed, 'advisor-savings') % 12;
  return resourceRecommendation(subscription, resource, COST_TYPES.rightsize, day, {
    impact: annualUsd > 1_000 ? 'High' : annualUsd > 400 ? 'Medium' : 'Low',
    extendedProperties: {
      currentSku: size.name,
      targetSku: target?.name ?? 'Shutdown',
      recommendationType: target ? 'SkuChange' : 'Shutdown',
      recommendationMessage: target
        ? `Right-size to ${target.name}`
        : 'Shut down the virtual machine: it has barely been used',
      recommendationSubCategory: 'MOST_RECENT',
      regionId: resource.location,
      roleName: resource.name,
      MaxCpuP95: String(busiest(subscription, resource, day)),
      ...(profile === 'no-memory-data' ? {} : { MaxMemoryP95: String(20 + (resource.seed % 30)) }),
      MaxTotalNetworkP95: String(resource.seed % 3),
      ...savingsFields(subscription, annualUsd, draw === 0 ? 'none' : draw < 3 ? 'annual-only' : 'monthly-and-annual'),
    },
  });
}

/** Percent of processor the week's busiest minutes took, short of the outliers. */
function busiest(subscription: Subscription, resource: Resource, day: Day): number {
  const midnight = new Date(`${day}T00:00:00Z`);
  const namespace = metricNamespace(resource.type);
  const metric = namespace && findMetric(namespace, 'Percentage CPU');
  const signal = metric && signalOf(resource, metric);
  if (!signal) return 0;
  const series = new MetricSeries(signal, metricLifeOf(subscription, resource, midnight));
  const to = midnight.getTime() / 60_000;
  series.read(to - LOOK_BACK_DAYS * 1440, to);
  if (series.count === 0) return 0;
  const average = series.sum / series.count;
  return Math.round((average + (series.maximum - average) * 0.6) / signal.scale);
}

function annualPrice(resource: Resource, size: VmSize): number {
  return Number(size.hourly) * (runsInOfficeHours(resource) ? OFFICE_HOURS_PER_YEAR : HOURS_PER_YEAR);
}

function sizeNameOf(resource: Resource): string {
  return (resource.properties['hardwareProfile'] as { vmSize?: string } | undefined)?.vmSize ?? '';
}

function isOlderThan(resource: Resource, day: Day, days: number): boolean {
  return String(resource.properties['timeCreated'] ?? '').slice(0, 10) <= addDays(day, -days);
}
