import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.js';
import { ConfigurationError } from './errors.js';

const KEY = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const TENANT = 'ABCDEF00-0000-4000-8000-000000000001';

const problemsOf = (env: Record<string, string>) => {
  try {
    loadConfig([], env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
};

describe('secrets of delivery', () => {
  it('are read by reference, whatever it is called', () => {
    const { secrets } = loadConfig([], {
      DELIVERY_SECRET_OPS_URL: 'https://hooks.slack.com/services/T/B/X',
      DELIVERY_SECRET_JIRA_2_USERNAME: 'finops@example.com',
      DELIVERY_SECRET_JIRA_2_PASSWORD: 'token',
      DELIVERY_SECRET_HOOK_SIGNING_SECRET: KEY,
      DELIVERY_SECRET_HOOK_PREVIOUS_SIGNING_SECRET: KEY,
      DELIVERY_SECRET_HOOK_TENANT_ID: TENANT,
      DELIVERY_SECRET_EMPTY_URL: ' ',
    }).delivery;
    expect(secrets).toEqual({
      OPS: { url: 'https://hooks.slack.com/services/T/B/X' },
      JIRA_2: { username: 'finops@example.com', password: 'token' },
      HOOK: { signingSecret: KEY, previousSigningSecret: KEY, tenantId: TENANT.toLowerCase() },
    });
  });

  it('may stand in files, as containers are handed them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'azcops-secrets-'));
    const file = join(folder, 'token');
    try {
      writeFileSync(file, 't0ken\n');
      const { secrets } = loadConfig([], { DELIVERY_SECRET_OPS_TOKEN_FILE: file }).delivery;
      expect(secrets).toEqual({ OPS: { token: 't0ken' } });
      expect(problemsOf({ DELIVERY_SECRET_OPS_TOKEN_FILE: join(folder, 'absent') })).toEqual([
        'DELIVERY_SECRET_OPS_TOKEN_FILE: the file cannot be read (ENOENT)',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['DELIVERY_SECRET_OPS_URL', 'http://hooks.slack.com/services/T'],
    ['DELIVERY_SECRET_OPS_SIGNING_SECRET', 'hunter2hunter2'],
    ['DELIVERY_SECRET_OPS_SIGNING_SECRET', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['DELIVERY_SECRET_OPS_PREVIOUS_SIGNING_SECRET', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['DELIVERY_SECRET_OPS_TENANT_ID', 'contoso'],
    ['DELIVERY_SECRET_OPS_TOKEN', 'one\r\nx-injected: two'],
    ['DELIVERY_SECRET_OPS_PASSWROD', 'hunter2'],
    ['DELIVERY_SECRET_OPS', 'hunter2'],
  ])('are refused by name, never by value: %s', (name, value) => {
    const [problem, ...others] = problemsOf({ [name]: value });
    expect(others).toEqual([]);
    expect(problem).toMatch(new RegExp(`^${name}: must `));
    expect(problem).not.toContain(value);
  });

  it('come with an hour of the day for digests', () => {
    expect(loadConfig([], {}).delivery.digestHour).toBe(7);
    expect(loadConfig([], { DELIVERY_DIGEST_HOUR: '0' }).delivery.digestHour).toBe(0);
    for (const hour of ['24', '-1', '7.5', 'noon']) {
      expect(problemsOf({ DELIVERY_DIGEST_HOUR: hour })[0]).toMatch(/^DELIVERY_DIGEST_HOUR: must be/);
    }
  });
});
