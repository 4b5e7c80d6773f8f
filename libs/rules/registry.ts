import type { Rule } from './rule.js';
import * as all from './rules.js';

/** Every rule by its id. */
export const RULES: ReadonlyMap<string, Rule> = new Map(Object.values(all).map((rule) => [rule.id, rule]));
