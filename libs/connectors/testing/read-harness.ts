import { pino } from 'pino';
import type { CheckResult } from '#core/check.js';
import type {
  Connector,
  ReadContext,
  ReadProof,
  TargetSubscription,
  TargetTenant,
  WindowSpec,
} from '#core/connector.js';
import type { RecordKind, RecordKinds } from '#core/records.js';
import { AzureApi, type AzureApiOptions } from '../azure/azure-api.js';
import { AUTHORITY_HOST, RESOURCE_MANAGER_URL, type FakeAzure } from './fake-azure.js';
import { FakeBudget } from './fake-budget.js';
import { ManualClock } from './manual-clock.js';

export const TENANT: TargetTenant = {
  id: 'aaaaaaaa-0000-4000-8000-000000000001',
  azureTenantId: '11111111-1111-4111-8111-111111111111',
  credentialRef: null,
};

export const SUBSCRIPTION_ID = '22222222-2222-4222-8222-222222222222';

/** A registered subscription; `changes` override the defaults. */
export function subscription(changes: Partial<TargetSubscription> = {}): TargetSubscription {
  return {
    subscriptionId: SUBSCRIPTION_ID,
    state: 'Enabled',
    quotaId: null,
    costsCovered: [],
    costsUnavailable: [],
    costsAskedAt: null,
    costMonthsOwnedElsewhere: [],
    ...changes,
  };
}

/** An API over the fake, with a secret for the default credential and no jitter. */
export function apiOver(azure: FakeAzure, changes: Partial<AzureApiOptions> = {}): AzureApi {
  const clock = changes.clock ?? new ManualClock();
  return new AzureApi({
    resourceManagerUrl: RESOURCE_MANAGER_URL,
    metricsUrlTemplate: `${RESOURCE_MANAGER_URL}/metrics/{region}`,
    retailPricesUrl: RESOURCE_MANAGER_URL,
    authorityHost: AUTHORITY_HOST,
    credentials: {
      default: { clientId: '33333333-3333-4333-8333-333333333333', clientSecret: 'the-secret' },
      byRef: {},
    },
    clientType: 'azcops',
    userAgent: 'azcops/test',
    clock,
    random: () => 0,
    logger: pino({ level: 'silent' }),
    budget: new FakeBudget(clock),
    quotas: { limits: 'off', reserve: 0 },
    httpClient: azure,
    ...changes,
  });
}

/** A page that was stored raw, or a batch of records that was yielded, in the order in which it happened. */
export type ReadEvent = { kept: string; body: string } | { yielded: number };

export interface ReadOutcome<K extends RecordKind> {
  records: RecordKinds[K][];
  proof: ReadProof;
  events: ReadEvent[];
}

/** A read context that notes into `events`. */
export function readContext(events: ReadEvent[], changes: Partial<ReadContext> = {}): ReadContext {
  return {
    tenant: TENANT,
    subscriptions: [subscription()],
    resources: [],
    keep: async ({ label, body }) => void events.push({ kept: label, body: Buffer.from(body).toString('utf8') }),
    recall: async () => null,
    clock: new ManualClock(),
    logger: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Reads one window to its end. */
export async function readAll<K extends RecordKind>(
  connector: Connector<K>,
  window: WindowSpec,
  changes: Partial<ReadContext> = {},
): Promise<ReadOutcome<K>> {
  const events: ReadEvent[] = [];
  const records: RecordKinds[K][] = [];
  const read = connector.read(window, readContext(events, changes));
  for (;;) {
    const step = await read.next();
    if (step.done) return { records, proof: step.value, events };
    records.push(...step.value);
    events.push({ yielded: step.value.length });
  }
}

/** All results of a connector's check. */
export async function checkAll(connector: Connector, changes: Partial<ReadContext> = {}): Promise<CheckResult[]> {
  const context = readContext([], changes);
  const results: CheckResult[] = [];
  for await (const result of connector.check({ ...context, sample: context.subscriptions })) results.push(result);
  return results;
}
