import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../../scripts/project.js';

/** Folder of the chart. */
export const chart = join(projectRoot, 'infra/helm/azcops');

/** Whether Helm is there; a line says so where it is not. */
export function hasHelm(): boolean {
  const found = spawnSync('helm', ['version'], { stdio: 'ignore' }).status === 0;
  if (!found) console.log('infra: helm is not installed, so the chart is not rendered');
  return found;
}

/** The parts of a rendered object that tests look at. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec?: any;
  data?: Record<string, string>;
}

const rendered = new Map<string, string>();

/** What Helm makes of the chart; throws what Helm says when it refuses. */
export function render(options: readonly string[], folder = chart): Rendered[] {
  // Of the oldest Kubernetes that the chart is for.
  const args = ['template', 'azcops', folder, '--kube-version', '1.30.0', ...options];
  const key = args.join(' ');
  if (!rendered.has(key)) {
    const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    rendered.set(key, stdout);
  }
  return parseAllDocuments(rendered.get(key)!).flatMap((document) => (document.toJS() as Rendered | null) ?? []);
}
