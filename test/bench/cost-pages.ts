import { addDays, type Day } from '#core/day.js';
import type { FakeAnswer, FakeRequest } from '#connectors/testing/fake-azure.js';

const PAGE_ROWS = 5_000;
/** Digits after the point of every amount. */
const SCALE = 14;
const COLUMNS = [
  'Cost',
  'UsageDate',
  'ResourceId',
  'ResourceGroupName',
  'ServiceName',
  'MeterCategory',
  'ChargeType',
  'PricingModel',
  'PublisherType',
  'Currency',
];
const SERVICES = ['Virtual Machines', 'Storage', 'SQL Database', 'Virtual Network', 'Azure Monitor', 'Bandwidth'];

export type PagesOf = 'ActualCost' | 'AmortizedCost';

/** How much of Cost Management's answers there is. */
export interface PagesSize {
  subscriptions: number;
  /** Per subscription; each has a charge on every day. */
  resources: number;
  from: Day;
  days: number;
}

/** A page, and where the id of its subscription stands. */
interface Template {
  body: Buffer;
  ids: number[];
}

/**
 * Cost Management's answers for an estate of any size: every resource has one charge a day, shaped and as long as real
 * ones. Amounts are a function of resource and day, so that sums are known exactly; subscriptions
 * differ in their ids alone, so that a page costs no more than a copy.
 */
export class CostPages {
  readonly #templates = new Map<string, Template>();
  readonly #prepared = new Map<string, Buffer>();
  readonly size: PagesSize;

  /** Written so that Node runs it as it stands. */
  constructor(size: PagesSize) {
    this.size = size;
  }

  /** Rows of both datasets: what a worker receives. */
  get rows(): number {
    const { subscriptions, resources, days } = this.size;
    return subscriptions * resources * days * 2;
  }

  subscriptionIds(): string[] {
    return Array.from({ length: this.size.subscriptions }, (_, index) => subscriptionId(index));
  }

  /** The sum of all amounts of one dataset, in units of 10^-14. */
  total(type: PagesOf): bigint {
    const { subscriptions, resources, days } = this.size;
    let total = 0n;
    for (let day = 0; day < days; day += 1) {
      for (let resource = 0; resource < resources; resource += 1) total += BigInt(units(type, resource, day));
    }
    return total * BigInt(subscriptions);
  }

  /** The charges one by one, for baselines that write the same rows. */
  *charges(): Generator<{ type: PagesOf; dimension: number; day: Day; currency: string; amount: string }> {
    const { subscriptions, resources, days, from } = this.size;
    for (let subscription = 0; subscription < subscriptions; subscription += 1) {
      for (const type of ['ActualCost', 'AmortizedCost'] as const) {
        for (let index = 0; index < resources * days; index += 1) {
          const resource = index % resources;
          const day = Math.floor(index / resources);
          yield {
            type,
            dimension: subscription * resources + resource,
            day: addDays(from, day),
            currency: 'EUR',
            amount: amountText(units(type, resource, day)),
          };
        }
      }
    }
  }

  /** In place of Resource Manager. */
  answer({ url, json }: FakeRequest): FakeAnswer {
    const subscription = Number.parseInt(url.pathname.split('/')[2]!.slice(-12), 16);
    const type = json.type as PagesOf;
    if (!json.dataset.grouping) return { json: this.#totals(type) };
    const page = Number(url.searchParams.get('$skiptoken') ?? 0);
    const key = `${subscription} ${type} ${page}`;
    const bytes = this.#prepared.get(key) ?? this.#page(subscription, type, page);
    this.#prepared.delete(key);
    return { bytes };
  }

  /** Every page, made now: what `answer` would make of them is the time of whoever asks. Each is handed out once. */
  prepare(): void {
    for (let subscription = 0; subscription < this.size.subscriptions; subscription += 1) {
      for (const type of ['ActualCost', 'AmortizedCost'] as const) {
        for (let page = 0; page < this.#pages; page += 1) {
          this.#prepared.set(`${subscription} ${type} ${page}`, this.#page(subscription, type, page));
        }
      }
    }
  }

  get #pages(): number {
    return Math.ceil((this.size.resources * this.size.days) / PAGE_ROWS);
  }

  #page(subscription: number, type: PagesOf, page: number): Buffer {
    let template = this.#templates.get(`${type} ${page}`);
    if (!template) this.#templates.set(`${type} ${page}`, (template = this.#template(type, page)));
    const body = Buffer.from(template.body);
    const id = Buffer.from(subscriptionId(subscription));
    for (const offset of template.ids) id.copy(body, offset);
    return body;
  }

  /** The page of the first subscription. */
  #template(type: PagesOf, page: number): Template {
    const { resources, days, from } = this.size;
    const last = Math.min((page + 1) * PAGE_ROWS, resources * days);
    const rows: string[] = [];
    for (let index = page * PAGE_ROWS; index < last; index += 1) {
      const resource = index % resources;
      const day = Math.floor(index / resources);
      const date = addDays(from, day).replaceAll('-', '');
      const amount = amountText(units(type, resource, day));
      const texts = dimensionTexts(0, resource).map((text) => `"${text}"`);
      rows.push(`[${amount},${date},${texts.join(',')},"EUR"]`);
    }
    const path = `https://management.test:8443/subscriptions/${subscriptionId(0)}`;
    const next =
      page + 1 < this.#pages
        ? `"${path}/providers/Microsoft.CostManagement/query?api-version=2023-11-01&$skiptoken=${page + 1}"`
        : 'null';
    const columns = JSON.stringify(COLUMNS.map((name) => ({ name, type: name === 'Cost' ? 'Number' : 'String' })));
    const body = Buffer.from(
      `{"id":"x","name":"x","type":"Microsoft.CostManagement/query","properties":{"nextLink":${next},"columns":${columns},"rows":[${rows.join(',')}]}}`,
    );
    const ids: number[] = [];
    const id = subscriptionId(0);
    for (let at = body.indexOf(id); at >= 0; at = body.indexOf(id, at + id.length)) ids.push(at);
    return { body, ids };
  }

  #totals(type: PagesOf): unknown {
    const { resources, days, from } = this.size;
    const rows = Array.from({ length: days }, (_, day) => {
      let total = 0;
      for (let resource = 0; resource < resources; resource += 1) total += units(type, resource, day);
      return [total / 10 ** SCALE, Number(addDays(from, day).replaceAll('-', '')), 'EUR'];
    });
    const columns = ['Cost', 'UsageDate', 'Currency'].map((name) => ({ name, type: 'Number' }));
    return { properties: { nextLink: null, columns, rows } };
  }
}

function subscriptionId(index: number): string {
  return `5b000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** What describes the charges of a resource, in the order of the columns. */
export function dimensionTexts(subscription: number, resource: number): string[] {
  const group = `rg-${SERVICES[resource % 6]!.toLowerCase().replaceAll(' ', '-')}-${resource % 40}`;
  const service = SERVICES[resource % SERVICES.length]!;
  const id = `/subscriptions/${subscriptionId(subscription)}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/vm-prod-weu-${resource}`;
  return [id, group, service, service, 'Usage', 'OnDemand', 'Azure'];
}

/** Up to a thousand, spread without a pattern; every seventh amortized amount differs from the billed one. */
function units(type: PagesOf, resource: number, day: number): number {
  const mixed = Math.imul(7919 + resource * 104_729 + day * 1_299_709, 2_654_435_761) >>> 0;
  const billed = (mixed % 99_991) * 1_000_003 + (mixed % 1_009);
  return type === 'AmortizedCost' && resource % 7 === 0 ? billed + 1_234_567 : billed;
}

function amountText(value: number): string {
  const digits = String(value).padStart(SCALE + 1, '0');
  return `${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
}
