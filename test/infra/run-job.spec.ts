import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGURATION } from './terraform.js';

const SCRIPT = join(CONFIGURATION, 'modules/container_apps/run-job.sh');

describe('run-job.sh', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'azcops-az-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the script with an Azure CLI that knows one execution, which goes through these states. */
  const run = (states: string[]) => {
    writeFileSync(join(folder, 'states'), `${states.join('\n')}\n`);
    const az = join(folder, 'az');
    writeFileSync(
      az,
      `#!/bin/sh
echo "$*" >> "${folder}/calls"
case "$3" in
  start) echo execution-1 ;;
  execution) head -n 1 "${folder}/states"; sed -i 1d "${folder}/states" ;;
esac
`,
    );
    chmodSync(az, 0o755);
    return spawnSync('/bin/sh', [SCRIPT], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        SUBSCRIPTION: 'sub',
        RESOURCE_GROUP: 'rg-azcops-dev',
        JOB: 'caj-azcops-dev-migrate',
        POLL_SECONDS: '0',
      },
    });
  };

  it('waits for the end of the execution that it started', () => {
    const { status, stdout } = run(['Running', 'Running', 'Succeeded']);
    expect(status).toBe(0);
    expect(stdout).toContain('execution-1 succeeded.');
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
    expect(calls[0]).toMatch(/^containerapp job start .*--subscription sub .*--name caj-azcops-dev-migrate/);
    expect(calls.slice(1)).toHaveLength(3);
    expect(calls[1]).toMatch(/^containerapp job execution show .*--job-execution-name execution-1/);
  });

  it.each(['Failed', 'Stopped', 'Degraded'])('fails and names the logs where it ended as %s', (state) => {
    const { status, stderr } = run(['Running', state]);
    expect(status).toBe(1);
    expect(stderr).toContain(`execution-1 ended as ${state}`);
    expect(stderr).toContain('az containerapp job logs show');
    expect(stderr).toContain('--container migrate');
  });

  it('says what to do without the Azure CLI', () => {
    const { status, stderr } = spawnSync('/bin/sh', [SCRIPT], {
      encoding: 'utf8',
      env: { PATH: '/nowhere', SUBSCRIPTION: 'sub', RESOURCE_GROUP: 'rg', JOB: 'caj-azcops-dev-migrate' },
    });
    expect(status).toBe(1);
    expect(stderr).toContain('run_migrations = false');
  });
});
