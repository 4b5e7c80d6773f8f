import { FURTHER_PLAN_SIZES, PLAN_SIZES, planMeter } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;
const [, S1, P1V3] = PLAN_SIZES;
const { P2v3: P2V3, P1v2: P1V2 } = FURTHER_PLAN_SIZES;

/** What plans of a test stand at: little, or so much that no smaller plan would do. */
const LITTLE = { CpuPercentage: 8, MemoryPercentage: 28 };
const MUCH = { CpuPercentage: 55, MemoryPercentage: 60 };

/** App Service plans: empty, stopped, too large and outdated ones, and what looks like them. */
export function plantedAppService(context: WorkloadContext): void {
  plan(context, 'empty', S1, [], { waste: [{ kind: 'empty-app-service-plan' }] });
  // The count lags behind: a site was just moved here.
  const moved = plan(context, 'moved', S1, [], { levels: MUCH });
  site(context, 'moved', moved, 'Running');
  const free = { name: 'F1', tier: 'Free', size: 'F1', family: 'F', capacity: 0 };
  plan(context, 'free', S1, [], { sku: free, meters: [] });

  plan(context, 'large', P2V3, ['Running'], { levels: LITTLE, waste: [{ kind: 'underused-app-service-plan' }] });
  plan(context, 'busy', P2V3, ['Running'], { levels: MUCH });
  const scaled = plan(context, 'scaled', P2V3, ['Running'], { levels: LITTLE });
  context.add({
    type: 'Microsoft.Insights/autoscaleSettings',
    name: `scale-${context.suffix}`,
    properties: {
      enabled: true,
      targetResourceUri: scaled.id,
      profiles: [{ name: 'default', capacity: { minimum: '1', maximum: '4', default: '1' }, rules: [] }],
    },
  });

  plan(context, 'stopped', S1, ['Stopped', 'Stopped'], {
    levels: LITTLE,
    waste: [{ kind: 'stopped-app-on-paid-plan' }],
  });
  plan(context, 'half', S1, ['Stopped', 'Running'], { levels: MUCH });

  plan(context, 'v2', P1V2, ['Running'], { levels: MUCH, waste: [{ kind: 'premium-v2-app-service-plan' }] });

  plan(context, 'untagged', P1V3, ['Running'], {
    levels: MUCH,
    tags: { environment: 'prod', 'cost-center': ' ' },
    waste: [{ kind: 'missing-cost-center-tag' }],
  });
  plan(context, 'british', P1V3, ['Running'], { levels: MUCH, tags: { Cost_Centre: 'CC-1001' } });
}

/** Plans of development, in a subscription that pays production's prices for them. */
export function plantedExperiments(context: WorkloadContext): void {
  const waste = [{ kind: 'production-offer-outside-production', of: 'subscription' as const }];
  for (const name of ['one', 'two', 'three']) plan(context, name, S1, ['Running'], { levels: MUCH, waste });
}

function plan(
  context: WorkloadContext,
  name: string,
  size: Parameters<typeof planMeter>[0],
  states: readonly ('Running' | 'Stopped')[],
  draft: Partial<ResourceDraft> = {},
): Resource {
  const farm = context.add({
    type: 'Microsoft.Web/serverFarms',
    name: `plan-${context.suffix}-${name}`,
    kind: 'app',
    sku: { name: size.name, tier: size.tier, size: size.name, family: size.name.slice(0, 1), capacity: 1 },
    properties: {
      provisioningState: 'Succeeded',
      status: 'Ready',
      numberOfSites: states.length,
      numberOfWorkers: 1,
      reserved: false,
      zoneRedundant: false,
      elasticScaleEnabled: false,
    },
    meters: [{ meter: planMeter(size), dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
  for (const [index, state] of states.entries()) site(context, `${name}-${index}`, farm, state);
  return farm;
}

function site(context: WorkloadContext, name: string, farm: Resource, state: 'Running' | 'Stopped'): void {
  context.add({
    type: 'Microsoft.Web/sites',
    name: `app-${context.suffix}-${name}`,
    kind: 'app',
    properties: { state, enabled: state === 'Running', serverFarmId: farm.id, httpsOnly: true },
  });
}
