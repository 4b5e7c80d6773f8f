import { describe, expect, it } from 'vitest';
import { contextOf, evaluateRules, thresholdsOf } from './evaluate.js';
import { defineRule, fine, found, undecided, type Rule, type Verdict } from './rule.js';
import { SUBSCRIPTION_TYPE } from './estate.js';
import { TestEstate } from './testing/test-estate.js';

const ruleThat = (verdict: (name: string) => Verdict, changes = {}) =>
  defineRule({
    id: 'a-rule',
    title: 'Do it',
    finds: 'Things.',
    leavesOut: [],
    savings: 'None.',
    category: 'waste',
    action: 'remove',
    impact: 'Low',
    risk: 'low',
    effort: 'low',
    resourceTypes: ['a/things'],
    needs: [],
    thresholds: { days: { default: 7, minimum: 1, maximum: 30, unit: 'days', meaning: 'Days' } },
    runbook: { check: [], azureCli: [], portal: [], terraform: '', verify: [], undo: [] },
    links: [],
    evaluate: ({ name }) => verdict(name),
    ...changes,
  });
const hit = () => found({ reason: 'So.', evidence: {}, saving: null, certainty: 0.8 });
const estateOf = (...names: string[]) => {
  const scene = new TestEstate();
  for (const name of names) scene.add('a/things', { name });
  scene.add('b/others', { name: 'other' });
  return scene;
};
const evaluate = (rules: ReturnType<typeof ruleThat>[], scene: TestEstate, settings = new Map()) => {
  const failures: string[] = [];
  const assessments = [
    ...evaluateRules(rules, scene.build(), settings, (rule, _, error) => failures.push(`${rule}: ${String(error)}`)),
  ];
  return { assessments, failures };
};

describe('an evaluation', () => {
  it('looks at the resources of the rule’s types, and says what it found and could not judge', () => {
    const rule = ruleThat((name) => (name === 'bad' ? hit() : name === 'dark' ? undecided('no_light') : fine('used')));
    const { assessments } = evaluate([rule], estateOf('bad', 'dark', 'good'));
    expect(assessments).toMatchObject([
      {
        rule: 'a-rule',
        examined: 3,
        found: [{ rule: 'a-rule', reason: 'So.', confidence: '0.80', estimatedMonthlySavings: null, action: 'remove' }],
        undecided: [{ reason: 'no_light' }],
      },
    ]);
    expect(assessments[0]!.found[0]!.resourceId).toMatch(/\/things\/bad$/);
  });

  it('goes on where a rule throws: what it could not judge is undecided, and the defect is told', () => {
    const broken = ruleThat((name) => {
      if (name === 'b') throw new TypeError('x is undefined');
      return hit();
    });
    const { assessments, failures } = evaluate([broken, ruleThat(hit, { id: 'other' })], estateOf('a', 'b'));
    expect(assessments.map(({ found: findings }) => findings.length)).toEqual([1, 2]);
    expect(assessments[0]!.undecided.map(({ reason }) => reason)).toEqual(['rule_failed']);
    expect(failures).toEqual(['a-rule: TypeError: x is undefined']);
  });

  it('examines nothing for a tenant that has switched the rule off', () => {
    const settings = new Map([['a-rule', { rule: 'a-rule', enabled: false, thresholds: {} }]]);
    expect(evaluate([ruleThat(hit)], estateOf('a'), settings).assessments).toMatchObject([{ examined: 0, found: [] }]);
  });

  it.each([
    [{ Keep: '' }, 0],
    [{ do_not_delete: 'yes' }, 0],
    [{ nodelete: 'true' }, 0],
    [{ keep: 'false' }, 1],
    [{ keeper: 'bob' }, 1],
  ])('leaves what is tagged %j: %i found', (tags, count) => {
    const scene = new TestEstate();
    scene.add('a/things', { name: 'a', tags: tags as unknown as Record<string, string> });
    expect(evaluate([ruleThat(hit)], scene).assessments[0]!.found).toHaveLength(count);
    // A label harms nobody.
    expect(evaluate([ruleThat(hit, { action: 'label' })], scene).assessments[0]!.found).toHaveLength(1);
  });

  it('about the subscription names no resource', () => {
    const rule = ruleThat(hit, { resourceTypes: [SUBSCRIPTION_TYPE] });
    expect(evaluate([rule], estateOf()).assessments[0]).toMatchObject({ examined: 1, found: [{ resourceId: null }] });
    const dark = ruleThat(() => undecided('no_costs'), { resourceTypes: [SUBSCRIPTION_TYPE] });
    expect(evaluate([dark], estateOf()).assessments[0]!.undecided).toEqual([{ resourceId: null, reason: 'no_costs' }]);
  });
});

describe('what another rule finds', () => {
  const scene = new TestEstate();
  const thing = scene.add('a/things', { name: 'x', properties: { days: 10 } });
  const old = ruleThat(hit, {
    evaluate: (({ properties }, { thresholds }) =>
      Number(properties['days']) >= thresholds['days']! ? hit() : fine('new')) satisfies Rule['evaluate'],
  });
  const finds = (enabled: boolean, thresholds: Record<string, number>) =>
    contextOf(old, scene.build(), new Map([[old.id, { rule: old.id, enabled, thresholds }]])).finds(old, thing);

  it('is told by the lines that the tenant has drawn', () => {
    expect([finds(true, {}), finds(true, { days: 20 })]).toEqual([true, false]);
  });
  it('is nothing where the tenant has switched it off', () => expect(finds(false, {})).toBe(false));
});

describe('thresholds', () => {
  it.each([
    [undefined, 7],
    [{}, 7],
    [{ days: 10 }, 10],
    [{ days: 0 }, 1],
    [{ days: 99 }, 30],
    [{ other: 1 }, 7],
  ])('set to %j are within their bounds', (thresholds, days) => {
    expect(thresholdsOf(ruleThat(hit), thresholds && { thresholds: thresholds as Record<string, number> })).toEqual({
      days,
    });
  });
});
