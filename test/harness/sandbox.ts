import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayOf, type Day, type DayRange } from '#core/day.js';
import { request } from '../../scripts/request.js';
import type { Sandbox as Description } from '../../scripts/sandbox.js';
import { PATIENCE_MS, TestProcess } from './processes.js';

/** Billed and effective cost of one subscription, exactly. */
export interface Charged {
  subscription_id: string;
  currency: string;
  cost: string;
  amortized_cost: string;
}
export interface ChargedDay extends Charged {
  date: Day;
}

interface AdminTotals {
  totals: { currency: string; cost: string }[];
  days: { day: Day; currency: string; cost: string }[];
}

/** A charge as the admin port lists it. */
export interface SandboxCharge {
  day: Day;
  resourceId: string;
  serviceName: string;
  cost: string;
  currency: string;
}

/** A fault that the sandbox applies to matching requests. */
export interface Fault {
  service?:
    | 'entra'
    | 'resource-manager'
    | 'resource-graph'
    | 'cost-management'
    | 'data-lake'
    | 'advisor'
    | 'monitor'
    | 'retail-prices';
  method?: string;
  pathContains?: string;
  tenant?: string;
  subscription?: string;
  /** 0: until cleared. */
  times?: number;
  after?: number;
  /** Hits one of so many matching requests. */
  every?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** The service's own refusal of too many requests. */
  throttle?: true;
  retryAfterSeconds?: number;
  expiredToken?: true;
  claimsChallenge?: true;
  nextLink?: 'foreign-host' | 'loop' | 'garbage';
  page?: 'duplicate' | 'lost';
  delayMs?: number;
  hangUp?: boolean;
  truncate?: boolean;
  malformed?: boolean;
}

/** How often a service was asked with a tenant's tokens. */
export interface RequestCount {
  service: NonNullable<Fault['service']>;
  tenantId?: string;
  requests: number;
  throttled: number;
}

export interface SandboxSize {
  tenants?: number;
  subscriptions?: number;
  resources?: number;
  days?: number;
  /** Subscriptions in a page of their list. */
  subscriptionsPage?: number;
  /** Virtual machines per subscription, exactly. */
  vms?: number;
  /** Waste of every kind, besides `resources`, and what looks like it. */
  planted?: 'on' | 'off';
  /** Instant at which the estate's clock stands still. */
  now: string;
}

/** A local Azure in a process of its own, with the truth about its estate at hand. */
export class TestSandbox implements AsyncDisposable {
  private readonly tokens = new Map<string, Promise<string>>();

  private constructor(
    readonly process: TestProcess,
    readonly description: Description,
    private readonly folder: string,
  ) {}

  static async start({ subscriptionsPage, vms, ...sizes }: SandboxSize) {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-e2e-'));
    const size = {
      ...{ tenants: 2, subscriptions: 2, resources: 40, days: 125 },
      ...sizes,
      ...(subscriptionsPage && { 'subscriptions-page': subscriptionsPage }),
      ...(vms && { vms }),
    };
    const process = new TestProcess({
      name: 'sandbox',
      script: 'dist/apps/sandbox/main.js',
      args: ['--data-dir', folder, ...Object.entries(size).flatMap(([name, value]) => [`--${name}`, String(value)])],
    });
    const description = await process.logged(({ ready }) => ready === true);
    return new TestSandbox(process, description as unknown as Description, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ids of a tenant's subscriptions. */
  subscriptionsOf(tenant: number): string[] {
    const { subscriptions = [] } = this.description.tenants[tenant]!;
    return (subscriptions as { subscriptionId: string }[]).map(({ subscriptionId }) => subscriptionId);
  }

  /** Runs a command of the admin port. */
  async admin<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const url = `${this.description.adminUrl}${path}`;
    const answer = await request(url, { method, body: body && JSON.stringify(body), timeoutMs: PATIENCE_MS });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  }

  /** Adds a fault; answers its id. */
  async addFault(fault: Fault): Promise<string> {
    return (await this.admin<{ id: string }>('POST', '/faults', fault)).id;
  }

  /** Takes back all faults and forgets what was asked so far. */
  async clearFaults(): Promise<void> {
    await this.admin('DELETE', '/faults');
    await this.admin('DELETE', '/requests');
  }

  /** Whether a fault has requests left to hit. */
  async isPending(fault: string): Promise<boolean> {
    const { faults } = await this.admin<{ faults: { id: string }[] }>('GET', '/faults');
    return faults.some(({ id }) => id === fault);
  }

  /** Ids of the faults that have hit a request, once per hit. */
  async faultsHit(): Promise<string[]> {
    const { requests } = await this.admin<{ requests: { fault?: string }[] }>('GET', '/requests');
    return requests.flatMap(({ fault }) => fault ?? []);
  }

  /** Requests and refusals for their number, per service and tenant, since the sandbox started. */
  async requestCounts(): Promise<RequestCount[]> {
    return (await this.admin<{ counts: RequestCount[] }>('GET', '/requests/counts')).counts;
  }

  /** What billing says the subscriptions cost, per currency. */
  async charged(subscriptions: readonly string[], range: DayRange): Promise<Charged[]> {
    const found = await Promise.all(
      subscriptions.map(async (subscriptionId) => {
        const [actual, amortized] = await this.totals(subscriptionId, range);
        return pair(subscriptionId, actual.totals, amortized.totals, () => ({}));
      }),
    );
    return found.flat();
  }

  /** The same, per day. */
  async chargedDays(subscriptions: readonly string[], range: DayRange): Promise<ChargedDay[]> {
    const found = await Promise.all(
      subscriptions.map(async (subscriptionId) => {
        const [actual, amortized] = await this.totals(subscriptionId, range);
        return pair(subscriptionId, actual.days, amortized.days, ({ day }) => ({ date: day }));
      }),
    );
    return found.flat();
  }

  /** Single charges of one dataset. */
  async charges(subscriptionId: string, { from, to }: DayRange, type: 'ActualCost' | 'AmortizedCost') {
    const path = `/charges?subscription=${subscriptionId}&from=${from}&to=${to}&type=${type}`;
    return (await this.admin<{ charges: SandboxCharge[] }>('GET', path)).charges;
  }

  private totals(subscriptionId: string, { from, to }: DayRange): Promise<[AdminTotals, AdminTotals]> {
    const path = `/charges/totals?subscription=${subscriptionId}&from=${from}&to=${to}`;
    return Promise.all([
      this.admin<AdminTotals>('GET', `${path}&type=ActualCost`),
      this.admin<AdminTotals>('GET', `${path}&type=AmortizedCost`),
    ]);
  }

  /** How many resources Resource Graph counts in a tenant. */
  async countResources(tenant: number): Promise<number> {
    const token = await this.applicationToken(tenant, 'https://management.azure.com/.default');
    const answer = await request(
      `${this.description.url}/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01`,
      {
        method: 'POST',
        caFile: this.description.caFile,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'Resources | project id', subscriptions: this.subscriptionsOf(tenant) }),
      },
    );
    if (answer.status !== 200) throw new Error(answer.text);
    return (answer.json as { totalRecords: number }).totalRecords;
  }

  /** A file of the lake, as it is stored. */
  async lakeFile(path: string): Promise<Buffer> {
    const token = await this.applicationToken(0, 'https://storage.azure.com/.default');
    return new Promise((resolve, reject) => {
      const options = {
        ca: readFileSync(this.description.caFile),
        headers: { authorization: `Bearer ${token}`, 'x-ms-version': '2023-11-03' },
      };
      https
        .get(`${this.description.rawStorageUrl}/${path}`, options, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve(Buffer.concat(chunks));
            else reject(new Error(`${path}: ${answer.statusCode} ${Buffer.concat(chunks).toString('utf8')}`));
          });
        })
        .on('error', reject);
    });
  }

  private applicationToken(tenant: number, scope: string): Promise<string> {
    const key = `${tenant} ${scope}`;
    let token = this.tokens.get(key);
    if (!token) this.tokens.set(key, (token = this.requestToken(tenant, scope)));
    return token;
  }

  private async requestToken(tenant: number, scope: string): Promise<string> {
    const { application, url, tenants, caFile } = this.description;
    const answer = await request(`${url}/${tenants[tenant]!.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      caFile,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: application.clientId,
        client_secret: application.clientSecret,
        scope,
      }).toString(),
    });
    return (answer.json as { access_token: string }).access_token;
  }
}

/** Joins both datasets of a subscription; a key that only one of them has is zero in the other. */
function pair<Row extends { currency: string; cost: string }, Key extends object>(
  subscriptionId: string,
  actual: readonly Row[],
  amortized: readonly Row[],
  keyOf: (row: Row) => Key,
): (Charged & Key)[] {
  const rows = new Map<string, Charged & Key>();
  for (const [column, list] of Object.entries({ cost: actual, amortized_cost: amortized })) {
    for (const row of list) {
      const key = { ...keyOf(row), subscription_id: subscriptionId, currency: row.currency };
      const text = JSON.stringify(key);
      rows.set(text, { ...(rows.get(text) ?? { ...key, cost: '0', amortized_cost: '0' }), [column]: row.cost });
    }
  }
  return [...rows.values()];
}

/** Today by the clock of this machine, which is the product's; the estate has a clock of its own. */
export const today = (): Day => dayOf(new Date());

/** In an order to compare by. */
export const bySubscription = <Row extends { subscription_id: string; currency: string }>(
  rows: readonly Row[],
): Row[] =>
  rows.toSorted((a, b) => `${a.subscription_id} ${a.currency}`.localeCompare(`${b.subscription_id} ${b.currency}`));
