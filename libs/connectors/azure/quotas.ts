import type { QuotaDraw, QuotaReading } from '#core/quota.js';
import { heededMs } from '#core/stated-wait.js';
import { clockTimeMs, type AnswerHeaders, type StatedWait } from './throttling.js';

/** The parts of Azure that count calls on their own. */
export type QuotaService = 'resource-manager' | 'resource-graph' | 'cost-management' | 'monitor' | 'retail-prices';

/** Whether the documented limits are kept to ahead of time, or only refusals are heeded. */
export type QuotaPolicy = {
  limits: 'documented' | 'off';
  /** Share of what a tenant's people in the portal draw on as well, left to them: 0 to 0.9. */
  reserve: number;
};

interface Quota {
  /** As `statedWait` and the metrics name it. */
  bucket: string;
  /** Null where no limit is documented: calls go on until a refusal closes it. */
  units: number | null;
  periodMs: number;
  /** Whose calls are counted together: all of the tenant's, or those on one scope. */
  per: 'tenant' | 'scope';
  /** People in the portal draw on it too. */
  shared?: boolean;
  /** Closed by a wait that is stated for none of the service's quotas by name; the narrowest one is, without it. */
  unnamed?: boolean;
  /** Calls that an answer says are left. */
  remaining?: (headers: AnswerHeaders) => number | null;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const QPU_HEADER = 'x-ms-ratelimit-microsoft.costmanagement-qpu-remaining';

const numberIn = (name: string) => (headers: AnswerHeaders) => firstNumber(headers.get(name));
/** `QueriesPerHour:597,QueriesPerMin:57,QueriesPer10Sec:9` */
const qpuLeft = (part: string) => (headers: AnswerHeaders) =>
  firstNumber(new RegExp(`${part}:(\\d+)`, 'i').exec(headers.get(QPU_HEADER) ?? '')?.[1]);

/**
 * Documented limits, narrowest first. ARM refills 25 reads a second into a bucket of 250 and Monitor's batch endpoint
 * allows 3,000 calls in 30 seconds; as sliding windows both are never exceeded. Sources: Azure Resource Manager
 * request limits, Resource Graph throttling guidance, Cost Management rate limits, Monitor batch API.
 *
 * Resource Graph counts per caller, Resource Manager and Monitor per caller and subscription: their unnamed refusals mean
 * the one quota they have.
 */
const QUOTAS: Readonly<Record<QuotaService, readonly Quota[]>> = {
  'resource-manager': [{ bucket: 'reads', units: 250, periodMs: 10 * SECOND, per: 'scope' }],
  'resource-graph': [
    {
      bucket: 'user-quota',
      units: 15,
      periodMs: 5 * SECOND,
      per: 'tenant',
      remaining: numberIn('x-ms-user-quota-remaining'),
    },
  ],
  'cost-management': [
    { bucket: 'entity', units: 4, periodMs: MINUTE, per: 'scope', shared: true },
    // Azure names it, or the older `consumption`, or states no more than `Retry-After`, when the whole tenant is to wait.
    { bucket: 'tenant', units: null, periodMs: 0, per: 'tenant', unnamed: true },
    { bucket: 'user', units: 20, periodMs: MINUTE, per: 'tenant' },
    // Its header is not read: without a documented unit it says 0 for tools that share the tenant's default bucket.
    { bucket: 'clienttype', units: 2000, periodMs: MINUTE, per: 'tenant' },
    {
      bucket: 'qpu-10s',
      units: 12,
      periodMs: 10 * SECOND,
      per: 'tenant',
      shared: true,
      remaining: qpuLeft('QueriesPer10Sec'),
    },
    {
      bucket: 'qpu-minute',
      units: 60,
      periodMs: MINUTE,
      per: 'tenant',
      shared: true,
      remaining: qpuLeft('QueriesPerMin'),
    },
    { bucket: 'qpu', units: 600, periodMs: HOUR, per: 'tenant', shared: true, remaining: qpuLeft('QueriesPerHour') },
  ],
  monitor: [
    {
      bucket: 'calls',
      units: 3000,
      periodMs: 30 * SECOND,
      per: 'scope',
      remaining: numberIn('x-rate-limit-remaining'),
    },
  ],
  'retail-prices': [{ bucket: 'requests', units: null, periodMs: 0, per: 'tenant' }],
};

/** Names as people know them. */
const TITLES: Readonly<Record<QuotaService, string>> = {
  'resource-manager': 'Azure Resource Manager',
  'resource-graph': 'Resource Graph',
  'cost-management': 'Cost Management',
  monitor: 'Azure Monitor',
  'retail-prices': 'Retail Prices',
};

/** How far apart calls may arrive that were sent a period apart. */
const SKEW_MS = 100;
/** Our own calls are looked for in a little more than the period, so that none is taken for somebody else's. */
const COUNTING_SLACK_MS = 2_000;

/** What one call on `scope` draws on. */
export function drawsOf(service: QuotaService, scope: string, policy: QuotaPolicy): QuotaDraw[] {
  return QUOTAS[service].map((quota) => ({
    key: keyOf(service, quota, scope),
    units: 1,
    limit: policy.limits === 'off' ? null : usable(quota, policy.reserve),
    periodMs: quota.periodMs + SKEW_MS,
  }));
}

/** The draws of a call that count across a whole tenant: what a plan for many scopes has to fit into. */
export function tenantDrawsOf(service: QuotaService, policy: QuotaPolicy): QuotaDraw[] {
  const perTenant = new Set(
    QUOTAS[service].filter(({ per }) => per === 'tenant').map((quota) => keyOf(service, quota, '')),
  );
  return drawsOf(service, '', policy).filter(({ key }) => perTenant.has(key));
}

/** What a successful answer says about quotas that others draw on as well. */
export function readingsOf(service: QuotaService, scope: string, headers: AnswerHeaders): QuotaReading[] {
  return QUOTAS[service].flatMap((quota) => {
    const remaining = quota.remaining?.(headers) ?? null;
    if (remaining === null || quota.units === null) return [];
    const used = quota.units - remaining;
    // A remainder above the documented limit belongs to a larger one: nothing to correct.
    // One use is the call that was just answered.
    return used <= 1 ? [] : [{ key: keyOf(service, quota, scope), used, periodMs: quota.periodMs + COUNTING_SLACK_MS }];
  });
}

/** The quota that an answer says is used up, and for how long; null while calls remain. */
export function exhaustedBy(
  service: QuotaService,
  scope: string,
  headers: AnswerHeaders,
): { key: string; ms: number } | null {
  const quota = QUOTAS[service].find(({ remaining }) => remaining?.(headers) === 0);
  if (!quota) return null;
  const statedMs = quota.bucket === 'user-quota' ? clockTimeMs(headers.get('x-ms-user-quota-resets-after')) : null;
  return statedMs === null ? null : { key: keyOf(service, quota, scope), ms: heededMs(statedMs) };
}

/**
 * What a refusal with these waits closes, and for how long: each quota that it names. Where it names none of them, a
 * stated wait is taken for the widest, since Cost Management names a scope's quota when it means that. Without any, the
 * wait is our own guess: it holds for the narrowest, so that one troubled scope does not halt a tenant.
 */
export function closuresOf(
  service: QuotaService,
  scope: string,
  waits: readonly StatedWait[],
  otherwiseMs: number,
): { key: string; ms: number }[] {
  const quotas = QUOTAS[service];
  const narrowest = quotas[0]!;
  const named = waits.filter(({ bucket }) => bucket !== 'general');
  const closed = new Map<string, number>();
  for (const { bucket, waitMs } of named.length > 0 ? named : waits) {
    const quota = quotas.find((one) => one.bucket === bucket) ?? quotas.find(({ unnamed }) => unnamed) ?? narrowest;
    const key = keyOf(service, quota, scope);
    closed.set(key, Math.max(closed.get(key) ?? 0, waitMs));
  }
  if (closed.size === 0) closed.set(keyOf(service, narrowest, scope), otherwiseMs);
  return [...closed].map(([key, ms]) => ({ key, ms }));
}

/** The service's name as people know it. */
export function titleOf(service: QuotaService): string {
  return TITLES[service];
}

/** The service, bucket and scope that a key stands for; for people and metrics. */
export function describeKey(key: string): { service: string; title: string; bucket: string } {
  const [service = '', bucket = ''] = key.split(' ');
  return { service, title: TITLES[service as QuotaService] ?? service, bucket };
}

function keyOf(service: QuotaService, quota: Quota, scope: string): string {
  return quota.per === 'tenant' ? `${service} ${quota.bucket}` : `${service} ${quota.bucket} ${scope.toLowerCase()}`;
}

function usable({ units, shared }: Quota, reserve: number): number | null {
  return shared && units !== null ? Math.max(1, Math.floor(units * (1 - reserve))) : units;
}

function firstNumber(text: string | undefined): number | null {
  const match = /\d+/.exec(text ?? '');
  return match ? Number(match[0]) : null;
}
