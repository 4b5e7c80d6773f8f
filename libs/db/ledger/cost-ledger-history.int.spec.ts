import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostAmounts } from '#core/connector.js';
import { daysOf, type Day } from '#core/day.js';
import { oneTenant } from '#core/scope.js';
import {
  addTenant,
  charge,
  openTestLogins,
  publish,
  type StagedCost,
  type TestLogins,
} from '../../../test/harness/ledger.js';
import { CostLedger } from './cost-ledger.js';

const PUBLICATIONS = 30;
const MONTH_DAYS = daysOf({ from: '2026-04-01', to: '2026-04-06' });

/** Amounts are whole billionths, so that the model adds exactly. */
type Amounts = [cost: bigint | null, amortized: bigint | null];
/** What one dataset holds: published days, and amounts by day and charge. */
interface ModelDataset {
  covered: Set<Day>;
  facts: Map<string, Amounts>;
}

/** Reproducible (mulberry32): a failure names its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const add = (a: bigint | null, b: bigint | null): bigint | null => (a === null ? b : b === null ? a : a + b);
const text = (amount: bigint | null): string => (amount === null ? 'null' : String(amount));

function sum(into: Map<string, Amounts & { rows?: number }>, key: string, [cost, amortized]: Amounts): void {
  const [oldCost, oldAmortized] = into.get(key) ?? [null, null];
  into.set(key, [add(oldCost, cost), add(oldAmortized, amortized)]);
}

describe('a long history of publications', () => {
  let logins: TestLogins;
  beforeAll(async () => void (logins = await openTestLogins()));
  afterAll(() => logins.close());

  it.each([1, 2])('ends, at every step, in what a simple model says (seed %i)', async (seed) => {
    const tenantId = await addTenant(logins.owner, `history-${seed}`);
    const ledger = new CostLedger(logins.worker);
    const random = randomFrom(seed);
    const pick = <T>(among: readonly T[]): T => among[random(among.length)]!;
    const owners = ['s1', 's2', 's3'];
    const model = new Map<string, ModelDataset>();
    let revised = 0;

    for (let step = 1; step <= PUBLICATIONS; step += 1) {
      const subscriptionId = pick(owners);
      const kind = pick<CostAmounts>(['both', 'both', 'actual', 'amortized']);
      const whole = random(8) === 0;
      const first = random(MONTH_DAYS.length);
      const covered = MONTH_DAYS.slice(first, first + 1 + random(MONTH_DAYS.length - first));
      const charges: StagedCost[] = [];
      for (const day of covered) {
        for (let count = random(4); count > 0; count -= 1) {
          const amount = (carried: boolean) =>
            carried && random(6) > 0 ? `${random(5) - 1}.${String(random(3)).padStart(1 + random(9), '0')}` : null;
          const [cost, amortizedCost] = [amount(kind !== 'amortized'), amount(kind !== 'actual')];
          if (cost === null && amortizedCost === null) continue;
          charges.push(
            charge({
              day,
              subscriptionId,
              resourceId: pick(['/a', '/b']),
              serviceName: pick(['Compute', null]),
              currency: pick(['USD', 'EUR']),
              cost,
              amortizedCost,
            }),
          );
        }
      }
      const expected = publishInModel(model, { subscriptionId, kind, whole, covered, charges });
      await publish(ledger, {
        tenantId,
        subscriptionId,
        kind,
        whole,
        charges,
        days: { from: covered[0]!, to: covered.at(-1)! },
        runId: `00000000-0000-4000-8000-${String(step).padStart(12, '0')}`,
      });
      if (step % 3 === 0) await ledger.fold();
      const stored = await storedLines(tenantId, step);
      const at = `seed ${seed}, step ${step}`;
      expect(stored.facts, at).toEqual(modelLines(model, factKey));
      expect(stored.rollup, at).toEqual(modelLines(model, rollupKey));
      expect(stored.tenant, at).toEqual(modelLines(model, tenantKey));
      expect(stored.revisions, at).toEqual(expected);
      revised += expected.length;
    }
    // The history is one that moves: otherwise the comparisons above compare nothing.
    expect(revised).toBeGreaterThan(PUBLICATIONS);
  });

  it('folds the sums of a tenant while others publish and fold, and loses nothing', async () => {
    const tenantId = await addTenant(logins.owner, 'folding');
    const ledger = new CostLedger(logins.worker);
    let publishing = true;
    const folding = Array.from({ length: 3 }, async () => {
      while (publishing) await ledger.fold();
    });
    for (let round = 1; round <= 4; round += 1) {
      await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          publish(ledger, {
            tenantId,
            subscriptionId: `s${index}`,
            charges: MONTH_DAYS.map((day) =>
              charge({ day, subscriptionId: `s${index}`, cost: `${round}.5`, amortizedCost: '1' }),
            ),
          }),
        ),
      );
    }
    publishing = false;
    await Promise.all(folding);
    await ledger.fold();
    const sums = await logins.worker.query(
      oneTenant(tenantId),
      `SELECT day, cost::float8 AS cost, totals::integer AS totals FROM cost_tenant_totals ORDER BY day`,
    );
    expect(sums).toEqual(MONTH_DAYS.map((day) => ({ day, cost: 6 * 4.5, totals: 6 })));
  });

  async function storedLines(tenantId: string, step: number) {
    const amounts = (cost: string, amortized: string) =>
      `coalesce(trim_scale(${cost} * 1e9)::text, 'null'), coalesce(trim_scale(${amortized} * 1e9)::text, 'null')`;
    const lines = async (sql: string) =>
      (await logins.worker.query<{ line: string }>(oneTenant(tenantId), sql)).map(({ line }) => line).sort();
    return {
      facts: await lines(
        `SELECT concat_ws('|', subscription_id, day, currency, coalesce(service_name, ''), resource_id,
                ${amounts('sum(cost)', 'sum(amortized_cost)')}) AS line
         FROM costs_daily_flat GROUP BY subscription_id, day, currency, service_name, resource_id`,
      ),
      rollup: await lines(
        `SELECT concat_ws('|', subscription_id, day, currency, coalesce(service_name, ''),
                ${amounts('sum(cost)', 'sum(amortized_cost)')}) AS line
         FROM cost_daily_totals GROUP BY subscription_id, day, currency, service_name`,
      ),
      tenant: await lines(
        `SELECT concat_ws('|', day, currency, coalesce(service_name, ''),
                ${amounts('CASE WHEN sum(costs) > 0 THEN sum(cost) END', 'CASE WHEN sum(amortized_costs) > 0 THEN sum(amortized_cost) END')}) AS line
         FROM cost_tenant_totals GROUP BY day, currency, service_name HAVING sum(totals) > 0`,
      ),
      revisions: await lines(
        `SELECT concat_ws('|', subscription_id, day, currency, ${amounts('old_cost', 'old_amortized_cost')}, old_rows,
                ${amounts('new_cost', 'new_amortized_cost')}, new_rows) AS line
         FROM cost_day_revisions WHERE right(run_id::text, 12)::int = ${step}`,
      ),
    };
  }
});

/** A charge's place, as `subscription|day|currency|service|resource`. */
const factKey = (key: string) => key;
const rollupKey = (key: string) => key.split('|').slice(0, 4).join('|');
const tenantKey = (key: string) => key.split('|').slice(1, 4).join('|');
const dayKey = (key: string) => key.split('|').slice(0, 3).join('|');

function modelLines(model: ReadonlyMap<string, ModelDataset>, group: (key: string) => string): string[] {
  const sums = new Map<string, Amounts>();
  for (const { facts } of model.values()) for (const [key, amounts] of facts) sum(sums, group(key), amounts);
  return [...sums].map(([key, [cost, amortized]]) => `${key}|${text(cost)}|${text(amortized)}`).sort();
}

/** Does to the model what a publication does to the ledger; answers the revisions that must have been written. */
function publishInModel(
  model: Map<string, ModelDataset>,
  publication: {
    subscriptionId: string;
    kind: CostAmounts;
    whole: boolean;
    covered: readonly Day[];
    charges: readonly StagedCost[];
  },
): string[] {
  const { subscriptionId, kind, whole, covered, charges } = publication;
  const replaces = (day: Day) => whole || covered.includes(day);
  const before = new Map<string, { amounts: Amounts; rows: number }>();
  const after = new Map<string, { amounts: Amounts; rows: number }>();
  const count = (into: typeof before, key: string, [cost, amortized]: Amounts) => {
    const known = into.get(dayKey(key)) ?? { amounts: [null, null], rows: 0 };
    into.set(dayKey(key), {
      amounts: [add(known.amounts[0], cost), add(known.amounts[1], amortized)],
      rows: known.rows + 1,
    });
  };
  const known = new Set<Day>();
  for (const other of ['both', 'actual', 'amortized'] as const) {
    const dataset = model.get(`${subscriptionId}|${other}`);
    const writesSameColumn = other === kind || other === 'both' || kind === 'both';
    if (!dataset || !writesSameColumn) continue;
    for (const day of dataset.covered) known.add(day);
    for (const [key, amounts] of dataset.facts) {
      if (!replaces(key.split('|')[1]!)) continue;
      count(before, key, amounts);
      dataset.facts.delete(key);
    }
    for (const day of dataset.covered) if (replaces(day)) dataset.covered.delete(day);
  }
  const own = model.get(`${subscriptionId}|${kind}`) ?? { covered: new Set<Day>(), facts: new Map<string, Amounts>() };
  model.set(`${subscriptionId}|${kind}`, own);
  for (const day of covered) own.covered.add(day);
  for (const each of charges) {
    const { serviceName, resourceId } = each.dimension;
    const key = [subscriptionId, each.day, each.currency, serviceName ?? '', resourceId].join('|');
    const absent = kind === 'both' ? 0n : null;
    const parse = (amount: string | null) => (amount === null ? absent : billionths(amount));
    sum(own.facts, key, [parse(each.cost), parse(each.amortizedCost)]);
  }
  for (const [key, amounts] of own.facts) if (covered.includes(key.split('|')[1]!)) count(after, key, amounts);

  const nothing = { amounts: [null, null] as Amounts, rows: 0 };
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.has(key) || known.has(key.split('|')[1]!))
    .map((key) => ({ key, old: before.get(key) ?? nothing, now: after.get(key) ?? nothing }))
    .filter(({ old, now }) => old.amounts[0] !== now.amounts[0] || old.amounts[1] !== now.amounts[1])
    .map(({ key, old, now }) =>
      [key, ...[old, now].map(({ amounts, rows }) => [...amounts.map(text), rows].join('|'))].join('|'),
    )
    .sort();
}

function billionths(amount: string): bigint {
  const [whole = '', fraction = ''] = amount.split('.');
  const magnitude = BigInt(whole.replace('-', '') + fraction.padEnd(9, '0'));
  return whole.startsWith('-') ? -magnitude : magnitude;
}
