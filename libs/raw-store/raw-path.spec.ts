import { describe, expect, it } from 'vitest';
import { InvariantError } from '#core/errors.js';
import { rawPath, requirePlainPath, type RawPageIdentity } from './raw-path.js';

const identity: RawPageIdentity = {
  tenantId: 't1',
  connector: 'cost-management',
  at: new Date('2026-04-01T23:59:59Z'),
  scope: 's1',
  runId: 'r1',
  windowId: 'w1',
  attempt: 2,
  label: 'actual-0001',
};

describe('rawPath', () => {
  it('sorts pages by tenant, connector and UTC day', () => {
    expect(rawPath(identity)).toBe('t1/cost-management/2026/04/01/s1_r1_w1_2_actual-0001.json.gz');
  });

  it.each(['../../etc/passwd', '..', '.', '', '/root', 'a\\b', 'ä/ö', 'a b?c#d%2e', 'x'.repeat(500)])(
    'keeps %j inside its folder',
    (text) => {
      const path = rawPath({ ...identity, tenantId: text, scope: text, label: text });
      expect(requirePlainPath(path)).toBe(path);
      expect(path.split('/')).toHaveLength(6);
      expect(Math.max(...path.split('/').map(({ length }) => length))).toBeLessThan(256);
    },
  );
});

describe('requirePlainPath', () => {
  it.each(['', '/a', 'a/../b', 'a//b', './a', 'a/.hidden', 'a\\b', 'a/b%2e', '~'])('refuses %j', (path) => {
    expect(() => requirePlainPath(path)).toThrow(InvariantError);
  });
});
