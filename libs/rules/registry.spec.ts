import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SUBSCRIPTION_TYPE } from './estate.js';
import { evaluateRules } from './evaluate.js';
import { RULES } from './registry.js';
import { placeholdersOf, rulePage, rulesIndex } from './rule-page.js';
import { TestEstate } from './testing/test-estate.js';

const HERE = new URL('.', import.meta.url);
const folders = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/rule.ts`, HERE)))
  .map(({ name }) => name);

describe('the registry', () => {
  it('has every rule that has a folder', () => {
    expect([...RULES.keys()].toSorted()).toEqual(folders.toSorted());
  });

  it('has a page of all rules (make pages writes it)', () => {
    expect(readFileSync(new URL('README.md', HERE), 'utf8')).toBe(rulesIndex(RULES.values()));
  });
});

describe.each([...RULES.values()].map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  it('has a page that says what the rule says (make pages writes it)', () => {
    expect(readFileSync(new URL(`${id}/README.md`, HERE), 'utf8')).toBe(rulePage(rule));
  });

  it('says what a person needs', () => {
    const { runbook, thresholds, links, resourceTypes, title, finds, savings } = rule;
    expect(readFileSync(new URL(`${id}/rule.spec.ts`, HERE), 'utf8')).toContain('describeRule(');
    for (const part of ['check', 'azureCli', 'portal', 'verify'] as const) expect(runbook[part], part).not.toEqual([]);
    for (const text of [title, finds, savings, runbook.terraform]) expect(text.trim()).toBe(text);
    const known = /^(id|name|resource_group|subscription|location|evidence\.[a-z0-9_.]+)$/;
    for (const placeholder of placeholdersOf(runbook)) expect(placeholder).toMatch(known);
    // Values are quoted as they are filled in; within quotes of the command's own that would not hold.
    for (const line of runbook.azureCli) {
      for (const { index } of line.matchAll(/\{[a-z_.]+\}/g)) {
        for (const quote of [`'`, '"']) expect(line.slice(0, index).split(quote).length % 2, line).toBe(1);
      }
    }
    for (const { url } of links) expect(url).toMatch(/^https:\/\//);
    for (const type of resourceTypes) expect(type).toMatch(/^[a-z0-9.]+\/[a-z0-9/]+$/);
    for (const { default: value, minimum, maximum } of Object.values(thresholds)) {
      expect(minimum).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(maximum);
    }
  });

  it('finds nothing in what it knows nothing of, and does not break', () => {
    const scene = new TestEstate();
    scene.costsKnown = false;
    scene.quotaId = null;
    for (const type of rule.resourceTypes) {
      if (type !== SUBSCRIPTION_TYPE) scene.add(type, { name: type.replaceAll(/[^/]+/g, 'x'), location: null });
    }
    const failures: unknown[] = [];
    const [assessment] = [...evaluateRules([rule], scene.build(), new Map(), (...f) => failures.push(f))];
    expect(failures).toEqual([]);
    expect(assessment!.examined).toBe(rule.resourceTypes.length);
    // What has no label shows that it has none.
    if (rule.action !== 'label') expect(assessment!.found).toEqual([]);
  });
});
