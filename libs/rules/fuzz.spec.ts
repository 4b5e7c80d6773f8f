import { expect, it } from 'vitest';
import { decimal } from '#core/decimal.js';
import { contextOf } from './evaluate.js';
import { RULES } from './registry.js';
import type { Rule } from './rule.js';
import { TestEstate } from './testing/test-estate.js';

const ROUNDS = 100;
/** What stands where a rule expects something else, and words that lead it on. */
const ODD = [undefined, null, '', ' ', 'x', 0, 1, -1, 0.5, 1e308, true, false, [], [null], {}, '12', 'never'];
const WORDS = ['Standard', 'Premium_LRS', 'Basic', 'P1v3', 'Windows', 'Unattached', '2020-01-01T00:00:00Z'];
const STATES = ['PowerState/deallocated', 'PowerState/running', 'Standard_D4s_v5', '/subscriptions/x'];
const METRICS = ['Percentage CPU', 'Available Memory Bytes', 'CpuPercentage', 'MemoryPercentage', 'cpu_percent'];
const TYPES = [...new Set([...RULES.values()].flatMap(({ resourceTypes }) => resourceTypes))].filter(
  (type) => type !== 'microsoft.resources/subscriptions',
);

class Chance {
  constructor(private state: number) {}

  /** mulberry32: the same numbers in every run. */
  number(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.number() * values.length)]!;
  }

  /** An object that has whatever it is asked for, and has it again. */
  anything(depth = 0): Record<string, unknown> {
    const known: Record<string, unknown> = {};
    return new Proxy(known, {
      get: (_, name) => {
        if (typeof name === 'symbol' || name === 'toJSON') return undefined;
        if (!Object.hasOwn(known, name)) known[name] = this.member(depth + 1);
        return known[name];
      },
    });
  }

  private member(depth: number): unknown {
    const kind = depth > 5 ? 1 : this.number();
    if (kind < 0.4) return this.anything(depth);
    return kind < 0.5 ? [this.anything(depth), this.pick(ODD)] : this.pick([...ODD, ...WORDS, ...STATES]);
  }
}

function estateOf(rule: Rule, chance: Chance): TestEstate {
  const estate = new TestEstate();
  const own = rule.resourceTypes.filter((type) => TYPES.includes(type));
  for (const type of [...own, ...own, chance.pick(TYPES), chance.pick(TYPES)]) {
    const resource = estate.add(type, {
      name: type.replace(/[^/]+\/?/g, 'x/').replace(/\/$/, ''),
      properties: chance.anything(),
      sku: chance.pick([null, chance.anything()]),
      tags: chance.pick([{}, { env: 'dev' }]) as Record<string, string>,
      location: chance.pick([null, 'westeurope']),
      managedBy: chance.pick([null, '/subscriptions/x/y']),
    });
    for (const amount of ['0', '10', '-100'].filter(() => chance.number() < 0.5)) {
      const currency = chance.pick(['EUR', 'USD']);
      estate.charge(resource, amount, { currency, pricingModel: chance.pick(['OnDemand', 'Reservation', null]) });
    }
    const value = () => chance.pick([null, 0, 1, 100]);
    for (const metric of METRICS)
      estate.measure(resource, metric, { average: value(), p95: value(), maximum: value() });
  }
  return estate;
}

it.each([...RULES].map(([id, rule]) => ({ id, rule })))('$id answers whatever Azure says', ({ rule }) => {
  for (let seed = 0; seed < ROUNDS; seed += 1) {
    const estate = estateOf(rule, new Chance(seed)).build();
    const context = contextOf(rule, estate, new Map());
    for (const resource of rule.resourceTypes.flatMap((type) => estate.ofType(type))) {
      const verdict = rule.evaluate(resource, context);
      if (verdict.kind !== 'found') continue;
      const { reason, saving, certainty } = verdict;
      expect(reason, `seed ${seed}`).not.toMatch(/undefined|NaN|null|\[object|Infinity/);
      expect(certainty > 0 && certainty <= 1, `seed ${seed}: ${certainty}`).toBe(true);
      if (saving) expect(decimal(saving.monthly).gte(0), `seed ${seed}: ${saving.monthly}`).toBe(true);
    }
  }
});
