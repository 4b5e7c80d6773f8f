import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { dashboards } from './dashboard-panels.js';
import { projectRoot } from './project.js';
import { sloRules, type Objective } from './slo-rules.js';

/** The files that are made from others, by their path in the repository; a test holds one against the other. */
export function monitoringFiles(): Record<string, string> {
  const slo = parse(readFileSync(join(projectRoot, 'infra/prometheus/slo.yml'), 'utf8')) as { objectives: Objective[] };
  return {
    'infra/prometheus/rules/slo.yml': `# Made from ../slo.yml by make dashboards.\n${stringify(sloRules(slo.objectives), { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false })}`,
    ...Object.fromEntries(
      dashboards().map((dashboard) => [
        `infra/grafana/dashboards/${dashboard.uid}.json`,
        `${JSON.stringify(dashboard, null, 2)}\n`,
      ]),
    ),
  };
}
