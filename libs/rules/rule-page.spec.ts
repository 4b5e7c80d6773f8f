import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { placeholdersOf, runbookSteps } from './rule-page.js';
import type { Runbook } from './rule.js';

const runbook: Runbook = {
  check: ['Ask about `{name}`.'],
  azureCli: ['printf %s {name}'],
  portal: [],
  terraform: 'Remove `{name}`.',
  verify: ['{evidence.size} GiB since {evidence.since}, {evidence.gone}'],
  undo: ['{unknown}'],
};
const values = {
  id: '/x',
  name: 'a',
  resource_group: 'g',
  subscription: 's',
  location: 'l',
  evidence: { size: 128, since: new Date('2026-04-01T00:00:00Z'), gone: null },
};

describe('a runbook', () => {
  it('is filled with the finding’s values; what is not known stays a placeholder', () => {
    expect(runbookSteps({ runbook }, values)).toEqual([
      { title: 'Check', kind: 'text', lines: ['Ask about `a`.'] },
      { title: 'Act with Azure CLI', kind: 'commands', lines: ['printf %s a'] },
      { title: 'Act in Terraform', kind: 'text', lines: ['Remove `a`.'] },
      { title: 'Verify', kind: 'text', lines: ['128 GiB since 2026-04-01T00:00:00.000Z, {evidence.gone}'] },
      { title: 'Undo', kind: 'text', lines: ['{unknown}'] },
    ]);
    expect(runbookSteps({ runbook }, null)[1]!.lines).toEqual(['printf %s {name}']);
  });

  it.each(['a b', `it's`, '$(touch /tmp/never)', '`id`', '"; rm -rf /', '\\', '*', 'a\nb', ''])(
    'can be pasted into a shell although something is called %j',
    (name) => {
      const [command] = runbookSteps({ runbook }, { ...values, name })[1]!.lines;
      expect(execFileSync('/bin/sh', ['-c', command!], { encoding: 'utf8' })).toBe(name);
    },
  );

  it('names its placeholders', () => {
    expect(placeholdersOf(runbook)).toEqual(['name', 'evidence.size', 'evidence.since', 'evidence.gone', 'unknown']);
  });
});
