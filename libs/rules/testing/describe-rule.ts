import { describe, expect, it } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import type { RecommendationRecord } from '#core/records.js';
import { SUBSCRIPTION_TYPE } from '../estate.js';
import { contextOf, evaluateRules } from '../evaluate.js';
import type { Rule } from '../rule.js';
import { TestEstate } from './test-estate.js';

/** Makes the estate and answers the resource that is judged; nothing where the whole subscription is. */
type Scene = (estate: TestEstate) => InventoryResource | void;

/** What a rule is tried with: each kind of case at least once, and one for everything that it promises to leave out. */
export interface RuleCases {
  /** By name; `expected` is what must be in the recommendation. */
  found: Record<
    string,
    { given: Scene; expected?: Partial<RecommendationRecord>; thresholds?: Record<string, number> }
  >;
  /** By name; `because` is the verdict's reason. */
  fine: Record<string, { given: Scene; because: string; thresholds?: Record<string, number> }>;
  /** By the phrase in the rule's `leavesOut`; each scene must be examined and left alone. */
  leavesOut: Record<string, Scene | readonly Scene[]>;
  /** By the reason that is given. */
  undecided: Record<string, Scene | readonly Scene[]>;
}

/** Runs the cases through the engine, so that what is tested is what happens. */
export function describeRule(rule: Rule, cases: RuleCases): void {
  const evaluate = (given: Scene, thresholds: Record<string, number> = {}) => {
    const scene = new TestEstate();
    const subject = given(scene);
    const estate = scene.build();
    const settings = new Map([[rule.id, { rule: rule.id, enabled: true, thresholds }]]);
    const failures: unknown[] = [];
    const [assessment] = [...evaluateRules([rule], estate, settings, (...failure) => failures.push(failure))];
    expect(failures).toEqual([]);
    const context = contextOf(rule, estate, settings);
    const id = subject?.resourceId ?? null;
    return {
      reason: rule.evaluate(subject ?? estate.ofType(SUBSCRIPTION_TYPE)[0]!, context).reason,
      examined: assessment!.examined,
      found: assessment!.found.find(({ resourceId }) => resourceId === id),
      undecided: assessment!.undecided.find(({ resourceId }) => resourceId === id)?.reason,
    };
  };
  const leftAlone = (given: Scene, thresholds?: Record<string, number>) => {
    const { found, undecided, examined, reason } = evaluate(given, thresholds);
    expect(examined).toBeGreaterThan(0);
    expect(found).toBeUndefined();
    expect(undecided).toBeUndefined();
    return reason;
  };

  describe(rule.id, () => {
    it.each(Object.entries(cases.found))('finds %s', (_, { given, expected = {}, thresholds }) => {
      expect(evaluate(given, thresholds).found).toMatchObject({ rule: rule.id, ...expected });
    });
    it.each(Object.entries(cases.fine))('does not find %s', (_, { given, because, thresholds }) => {
      expect(leftAlone(given, thresholds)).toBe(because);
    });
    it.each(Object.entries(cases.leavesOut))('leaves out %s', (_, scenes) => {
      for (const given of [scenes].flat()) leftAlone(given);
    });
    it.each(Object.entries(cases.undecided))('concludes nothing: %s', (reason, scenes) => {
      for (const given of [scenes].flat()) {
        const { found, undecided } = evaluate(given);
        expect([found, undecided]).toEqual([undefined, reason]);
      }
    });
    it('is tried with every kind of case, and with all that it leaves out', () => {
      expect(Object.keys(cases.leavesOut).toSorted()).toEqual([...rule.leavesOut].toSorted());
      // A missing label is seen in the inventory itself: there is nothing else to be missing.
      const kinds = ['found', 'fine', ...(rule.action === 'label' ? [] : (['undecided'] as const))] as const;
      for (const kind of kinds) expect(Object.keys(cases[kind]).length, kind).toBeGreaterThan(0);
    });
    const hit = Object.values(cases.found)[0]!;
    // A subscription's own tags are not known.
    const isMarkable = !rule.resourceTypes.includes(SUBSCRIPTION_TYPE);
    if (!isMarkable || rule.action === 'label' || rule.action === 'commit') return;
    it('leaves alone what is marked to keep', () => {
      const keep: Scene = (estate) => {
        const subject = hit.given(estate);
        if (subject) subject.tags = { ...subject.tags, 'Do-Not-Delete': '' };
        return subject;
      };
      expect(evaluate(keep, hit.thresholds).found).toBeUndefined();
    });
  });
}
