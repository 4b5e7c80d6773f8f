import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project.js';

const folder = join(projectRoot, 'infra/prometheus');

/** Whether Prometheus's own tool is there; a line says so where it is not. */
function hasPromtool(): boolean {
  const found = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found) console.log('infra: promtool is not installed, so the rules are neither loaded nor tried on histories');
  return found;
}

function promtool(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe.skipIf(!hasPromtool())('what Prometheus says of', () => {
  const rules = readdirSync(join(folder, 'rules')).map((name) => join('rules', name));

  it('the rules', () => {
    expect(promtool('check', 'rules', '--lint-fatal', ...rules)).toMatchObject({ status: 0 });
  });

  it('the configuration', () => {
    expect(promtool('check', 'config', '--syntax-only', 'prometheus.yml')).toMatchObject({ status: 0 });
  });

  it('histories, and whom they wake', () => {
    expect(promtool('test', 'rules', 'tests/alerts.yml')).toMatchObject({ status: 0 });
  });
});
