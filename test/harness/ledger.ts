import { monthEnd, monthStart, type Day, type DayRange } from '#core/day.js';
import type { CostAmounts } from '#core/connector.js';
import type { CostDimension, CostRecord } from '#core/records.js';
import { ALL_TENANTS } from '#core/scope.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { ALL_TENANTS_ROLE, Database, type Transaction } from '#db/database.js';
import { createPool, type PoolOptions } from '#db/pool.js';
import type { CostLedger } from '#db/ledger/cost-ledger.js';
import type { CostStage, StagedMonth } from '#db/ledger/cost-stage.js';
import type { Published } from '#db/record-sink.js';

/** One migrated database as its three logins see it. */
export interface TestLogins {
  urls: { owner: string; api: string; worker: string };
  /** Superuser: sees and may do everything, except where a trigger says no. */
  owner: Database;
  api: Database;
  worker: Database;
  close(): Promise<void>;
}

export function connectTo(url: string, options: Partial<PoolOptions> = {}): Database {
  return new Database(createPool({ url, poolSize: 6, ...options }));
}

/** As the API connects. */
export function connectApi(url: string, options: Partial<PoolOptions> = {}): Database {
  return new Database(createPool({ url, poolSize: 6, ...options }), ALL_TENANTS_ROLE);
}

export async function openTestLogins(database?: TestDatabase): Promise<TestLogins> {
  const { ownerUrl, apiUrl, workerUrl, drop } = database ?? (await createTestDatabase());
  const owner = connectTo(ownerUrl);
  const api = connectApi(apiUrl);
  const worker = connectTo(workerUrl);
  return {
    urls: { owner: ownerUrl, api: apiUrl, worker: workerUrl },
    owner,
    api,
    worker,
    close: async () => {
      await Promise.all([owner.close(), api.close(), worker.close()]);
      await (database ? undefined : drop());
    },
  };
}

/** Registers a tenant; `azureTenantId` defaults to one derived from the name. Answers our id. */
export async function addTenant(owner: Database, name: string, azureTenantId = `azure-${name}`): Promise<string> {
  return owner.transaction(ALL_TENANTS, async (tx) => {
    const [row] = await tx.query<{ id: string }>(
      `INSERT INTO tenants (name, type, azure_tenant_id) VALUES ($1, 'internal', $2) RETURNING id`,
      [name, azureTenantId],
    );
    return row!.id;
  });
}

export async function addSubscription(
  owner: Database,
  tenantId: string,
  subscriptionId: string,
  { source = 'manual', provider = 'Microsoft' } = {},
): Promise<void> {
  await owner.transaction(ALL_TENANTS, (tx) =>
    tx.query(
      `INSERT INTO subscriptions (tenant_id, provider, subscription_id, display_name, source) VALUES ($1, $2, $3, $3, $4)`,
      [tenantId, provider, subscriptionId, source],
    ),
  );
}

/** A charge with the month it belongs to. */
export type StagedCost = CostRecord & StagedMonth;

/** Stages charges month by month, those of one together. */
export async function stageCharges(stage: CostStage, charges: readonly StagedCost[]): Promise<void> {
  const months = Map.groupBy(charges, ({ publication, billingMonth }) => `${publication} ${billingMonth}`);
  for (const ofMonth of months.values()) {
    const { publication, billingMonth } = ofMonth[0]!;
    await stage.add({ publication, billingMonth }, ofMonth);
  }
}

/** A charge as tests name it: what describes it stands beside its amounts. */
export type NamedCharge = Omit<StagedCost, 'dimension'> & CostDimension;

/** One charge; everything that a test does not name is the same for all. */
export function charge(changes: Partial<NamedCharge> = {}): StagedCost {
  const day = changes.day ?? '2026-04-01';
  const {
    publication = 0,
    billingMonth = monthStart(day),
    day: _day,
    currency = 'USD',
    cost = null,
    amortizedCost = null,
    ...described
  } = changes;
  const dimension = {
    provider: 'Microsoft',
    billingAccountId: null,
    subscriptionId: 's1',
    resourceGroup: 'group',
    serviceName: 'Compute',
    meterCategory: 'Virtual Machines',
    chargeType: 'Usage',
    pricingModel: 'OnDemand',
    publisher: 'Azure',
    location: null,
    resourceId: '/vm/1',
    ...described,
  };
  return { publication, billingMonth, day, dimension, currency, cost, amortizedCost };
}

export interface TestPublication {
  tenantId: string;
  charges: readonly StagedCost[];
  source?: string;
  kind?: CostAmounts;
  subscriptionId?: string | null;
  billingAccountId?: string | null;
  month?: Day;
  days?: DayRange;
  whole?: boolean;
  runId?: string | null;
  publishedAt?: Date;
  replaceOthers?: boolean;
  exclusive?: boolean;
  checkpoint?: (tx: Transaction, published: Published) => Promise<void>;
}

/** Publishes one dataset: by default all of April 2026 of subscription s1, read by cost-management. */
export async function publish(ledger: CostLedger, publication: TestPublication): Promise<Published> {
  const {
    tenantId,
    charges,
    source = 'cost-management',
    kind = 'both',
    subscriptionId = 's1',
    billingAccountId = null,
    month = '2026-04-01',
    days = { from: month, to: monthEnd(month) },
    whole = false,
  } = publication;
  const stage = await ledger.openStage(tenantId);
  try {
    await stageCharges(stage, charges);
    return await ledger.publish(
      stage,
      {
        runId: publication.runId ?? null,
        publishedAt: publication.publishedAt ?? new Date(),
        replaceOthers: publication.replaceOthers,
        exclusive: publication.exclusive,
        publications: [
          { source, kind, grain: null, datasets: [{ billingAccountId, subscriptionId, month, days, whole }] },
        ],
      },
      publication.checkpoint,
    );
  } finally {
    await stage.close();
  }
}

/** A file's publication: one billing account and month, whole, exclusive, subscriptions only in the rows. */
export function publishFile(ledger: CostLedger, publication: TestPublication): Promise<Published> {
  return publish(ledger, {
    source: 'focus-file',
    subscriptionId: null,
    billingAccountId: 'account',
    whole: true,
    exclusive: true,
    ...publication,
    charges: publication.charges.map((each) => ({
      ...each,
      dimension: { ...each.dimension, billingAccountId: publication.billingAccountId ?? 'account' },
    })),
  });
}
