import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { peakCertaintyOf, peaksOf, percent } from './peaks.js';
import { numberAt, textAt } from './property.js';
import { fine, found, undecided, type Runbook, type Threshold, type Verdict } from './rule.js';
import { guessed } from './savings.js';

/** vCores that servers are sold with; 20 in memory-optimised series only. */
const GENERAL_PURPOSE = [2, 4, 8, 16, 32, 48, 64, 96];
const MEMORY_OPTIMIZED = [2, 4, 8, 16, 20, 32, 48, 64, 96];

/** The next lower size of the same series, e.g. `Standard_D2ds_v5` of `Standard_D4ds_v5`. */
function lowerServerSize(sku: string): { sku: string; share: number } | undefined {
  const [, before = '', series = '', cores = '', after = ''] = /^(Standard_)([DE])(\d+)([a-z]*_v\d+)$/i.exec(sku) ?? [];
  const sold = /e/i.test(series) ? MEMORY_OPTIMIZED : GENERAL_PURPOSE;
  const lower = sold.findLast((count) => count < Number(cores));
  return lower === undefined ? undefined : { sku: `${before}${series}${lower}${after}`, share: lower / Number(cores) };
}

/** Whether the next lower size would do for a flexible server of PostgreSQL or MySQL. */
export function judgeFlexibleServer(
  server: InventoryResource,
  estate: Estate,
  { cpuAfter, memoryAfter }: Readonly<Record<'cpuAfter' | 'memoryAfter', number>>,
): Verdict {
  const sku = textAt(server, 'sku.name');
  const tier = textAt(server, 'sku.tier');
  const state = textAt(server, 'properties.state');
  if (sku === undefined || tier === undefined) return undecided('no_size');
  if (/^burstable$/i.test(tier)) return fine('burstable');
  if (/replica/i.test(textAt(server, 'properties.replicationRole') ?? '')) return fine('replica');
  if (state === undefined) return undecided('no_state');
  if (!/^ready$/i.test(state)) return fine('not_running');
  const lower = lowerServerSize(sku);
  if (!lower) return fine('smallest_size');
  const peaks = peaksOf(estate, server.resourceId, ['cpu_percent', 'memory_percent']);
  if (typeof peaks === 'string') return undecided(peaks);
  const { cpu_percent: cpu, memory_percent: memory } = peaks.p95;
  if (cpu / lower.share > cpuAfter || memory / lower.share > memoryAfter) return fine('in_use');
  const saved = 1 - lower.share;
  return found({
    reason: `CPU is at most ${percent(cpu)} and memory at most ${percent(memory)} 95 % of the time; ${lower.sku} would do instead of ${sku}.`,
    evidence: {
      sku,
      tier,
      target_sku: lower.sku,
      cpu_p95: cpu,
      memory_p95: memory,
      coverage: peaks.coverage,
      storage_gib: numberAt(server, 'properties.storage.storageSizeGB') ?? null,
    },
    saving: guessed(estate.costOf(server.resourceId), { low: 0.5 * saved, likely: 0.8 * saved, high: saved }),
    certainty: peakCertaintyOf(peaks.coverage),
  });
}

export const SERVER_THRESHOLDS = {
  cpuAfter: {
    default: 60,
    minimum: 20,
    maximum: 90,
    unit: '%',
    meaning: 'How high the 95th percentile of CPU may stand after the change',
  },
  memoryAfter: { default: 85, minimum: 30, maximum: 95, unit: '%', meaning: 'The same of memory' },
} as const satisfies Record<string, Threshold>;

export const SERVERS_LEFT_OUT = [
  'burstable servers, which are the smallest there are',
  'read replicas, which must not be smaller than their source',
  'stopped servers, which cost no compute',
] as const;

export const SERVER_SAVINGS =
  'A guess: the vCores that are taken away are that share of the compute price, which is half to all of the server’s cost; storage and backup stay.';

/** How a server is scaled; `command` is Azure CLI’s group, `resource` Terraform’s. */
export function scaleServer(command: 'postgres' | 'mysql', resource: string): Runbook {
  return {
    check: [
      'Look at CPU and memory of `{name}` over the last months: month ends do not show in two weeks.',
      'With memory the cache and the default of `max_connections` shrink; compare the cache hit ratio and the connections at peak. Read replicas must not be smaller than their source: scale the source first.',
    ],
    azureCli: [
      `az ${command} flexible-server update --ids {id} --tier {evidence.tier} --sku-name {evidence.target_sku}`,
    ],
    portal: [
      'Open the server `{name}`, **Compute + storage**, choose `{evidence.target_sku}`, **Save**. It restarts, for a minute or two.',
    ],
    terraform: `Set \`sku_name\` of the \`${resource}\` to the size with the tier’s prefix, \`GP_\` or \`MO_\`, before \`{evidence.target_sku}\`.`,
    verify: [
      `\`az ${command} flexible-server show --ids {id} --query sku.name\` shows the target; queries stay as fast.`,
    ],
    undo: [`\`az ${command} flexible-server update --ids {id} --tier {evidence.tier} --sku-name {evidence.sku}\``],
  };
}
