import type { Rule } from './rule.js';
import * as all from './rules.js';

/** Every rule by its id, in the order of the ids: that of a module's exports is nobody's. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.values(all)
    .map((rule) => [rule.id, rule] as const)
    .toSorted(([a], [b]) => a.localeCompare(b)),
);
