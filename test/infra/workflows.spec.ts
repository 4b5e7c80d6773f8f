import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../scripts/project.js';
import { officialJudge } from './schemas.js';

interface Job {
  permissions?: Record<string, string>;
  uses?: string;
  steps?: { uses?: string; run?: string; with?: Record<string, unknown> }[];
  'timeout-minutes'?: number;
}

interface Workflow {
  permissions?: Record<string, string> | string;
  concurrency?: object;
  jobs: Record<string, Job>;
}

const files = globSync('.github/workflows/*.{yml,yaml}', { cwd: projectRoot });
const workflows = files.map((file) => {
  const text = readFileSync(join(projectRoot, file), 'utf8');
  return { file, text, workflow: parse(text) as Workflow };
});
const all = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file} ${name}`, job, workflow })),
);

/** An action by the commit that was looked at, with the version that it is, for people and for Renovate. */
const PINNED = /^\s*(?:- )?uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
/** A workflow of this repository is of the same commit. */
const OWN = /^\s*uses: \.\/\.github\/workflows\/[\w-]+\.yml$/;

describe('workflows', () => {
  it('name every action by its commit', () => {
    const uses = workflows.flatMap(({ text }) => text.split('\n').filter((line) => /\buses:/.test(line)));
    expect(uses.length).toBeGreaterThan(10);
    expect(uses.filter((line) => !PINNED.test(line) && !OWN.test(line))).toEqual([]);
    for (const loose of ['- uses: actions/checkout@v7', `- uses: a/b@${'0'.repeat(40)}`, '- uses: a/b@main # v1.0.0']) {
      expect(loose).not.toMatch(PINNED);
    }
  });

  it('may read, and what a job may do beyond that it says itself', () => {
    for (const { workflow } of workflows) expect([{}, { contents: 'read' }]).toContainEqual(workflow.permissions);
    const granted = all.flatMap(({ name, job }) =>
      Object.entries(job.permissions ?? {}).flatMap(([scope, level]) =>
        level === 'write' ? [`${name} ${scope}`] : [],
      ),
    );
    expect(granted.toSorted()).toEqual(
      [
        'azure id-token',
        'chart id-token',
        'chart packages',
        'image id-token',
        'image packages',
        'release contents',
      ].map((each) => `.github/workflows/release.yml ${each}`),
    );
  });

  it('keep no key: the only credential is the run’s own token', () => {
    for (const { text } of workflows) expect(text).not.toMatch(/\bsecrets\./);
  });

  it('leave no token behind for later steps, and end', () => {
    const steps = all.flatMap(({ job }) => job.steps ?? []);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(3);
    expect(checkouts.filter(({ with: options }) => options?.['persist-credentials'] !== false)).toEqual([]);
    expect(all.filter(({ job }) => !job.uses && !job['timeout-minutes']).map(({ name }) => name)).toEqual([]);
    expect(workflows.filter(({ workflow }) => !workflow.concurrency)).toEqual([]);
  });

  it('run what .ci/run runs', () => {
    const wanted = readFileSync(join(projectRoot, '.ci/run'), 'utf8').match(/^make \w+/gm)!;
    const commands = Object.values(workflows.find(({ file }) => file.endsWith('/ci.yml'))!.workflow.jobs).flatMap(
      ({ steps = [] }) => steps.flatMap(({ run }) => run ?? []),
    );
    expect(wanted).toHaveLength(2);
    expect(commands).toEqual(expect.arrayContaining([...wanted]));
  });

  const judge = officialJudge('github-workflow.json');
  it.skipIf(!judge).each(workflows)('are what GitHub describes: $file', ({ workflow }) => {
    expect(judge!(workflow)).toEqual([]);
    expect(judge!({ ...workflow, jobs: { check: { steps: [] } } })).not.toEqual([]);
  });

  const hasLinter = spawnSync('actionlint', ['-version'], { stdio: 'ignore' }).status === 0;
  if (!hasLinter) console.log('infra: actionlint is not installed, so expressions in workflows are not checked');
  it.skipIf(!hasLinter)('have expressions that actionlint understands', () => {
    const { status, stdout } = spawnSync('actionlint', files, { cwd: projectRoot, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '']);
  });
});

describe('renovate.json', () => {
  const judge = officialJudge('renovate.json');
  it.skipIf(!judge)('is what Renovate describes', () => {
    expect(existsSync(join(projectRoot, 'renovate.json'))).toBe(true);
    expect(judge!(JSON.parse(readFileSync(join(projectRoot, 'renovate.json'), 'utf8')))).toEqual([]);
  });
});
