import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulePage } from '#rules/rule-page.js';
import { RULES } from '#rules/registry.js';
import { projectRoot } from './project.js';

/** Writes each rule's README.md from what the rule says of itself; a test holds one against the other. */
for (const rule of RULES.values()) writeFileSync(join(projectRoot, 'libs/rules', rule.id, 'README.md'), rulePage(rule));
