import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitoringFiles } from './monitoring-files.js';
import { projectRoot } from './project.js';

for (const [path, text] of Object.entries(monitoringFiles())) writeFileSync(join(projectRoot, path), text);
