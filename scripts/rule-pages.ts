import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulePage, rulesIndex } from '#rules/rule-page.js';
import { RULES } from '#rules/registry.js';
import { projectRoot } from './project.js';

/** Writes the pages of all rules from what they say of themselves; a test holds one against the other. */
writeFileSync(join(projectRoot, 'libs/rules/README.md'), rulesIndex(RULES.values()));
for (const rule of RULES.values()) writeFileSync(join(projectRoot, 'libs/rules', rule.id, 'README.md'), rulePage(rule));
