import { describe, expect, it } from 'vitest';
import type { CheckOutcome } from '#core/check.js';
import { exitCodeOf, SIGN_IN, type CheckGroup, type NamedCheck } from './diagnosis.js';
import { diagnosisJson } from './diagnosis-json.js';
import { DiagnosisText } from './diagnosis-text.js';

const check = (name: string, outcome: CheckOutcome, changes: Partial<NamedCheck> = {}): NamedCheck => ({
  name,
  subject: '',
  outcome,
  reason: `It is ${outcome}.`,
  action: null,
  grant: null,
  ...changes,
});
const own = (...checks: NamedCheck[]): CheckGroup => ({ title: 'AzCops', tenant: null, clientId: 'own-id', checks });
const tenant = (...checks: NamedCheck[]): CheckGroup => ({
  title: 'Tenant Contoso',
  tenant: { id: 't-1', azureTenantId: 'a-1', name: 'Contoso' },
  clientId: 'app-id',
  checks,
});
const ready = own(check('database', 'ok'));
const signedIn = check(SIGN_IN, 'ok');
const costs = check('cost-management', 'missing-role', {
  subject: 'subscription 1',
  reason: 'Azure answered 403.',
  action: 'Grant it.',
  grant: { role: 'Cost Management Reader', scope: '/subscriptions/1' },
});
const COMMAND =
  'az role assignment create --assignee app-id --role "Cost Management Reader" --scope "/subscriptions/1"';

describe('the exit code', () => {
  it.each<[number, string, CheckGroup[]]>([
    [0, 'all fine', [ready, tenant(signedIn, check('a', 'ok'))]],
    [0, 'nothing to ask', [ready, tenant(signedIn, check('a', 'ok'), check('monitor', 'not-asked'))]],
    [2, 'a missing role', [ready, tenant(signedIn, check('a', 'ok'), costs)]],
    [2, 'an offer without costs', [ready, tenant(signedIn, check('a', 'ok'), check('b', 'unavailable'))]],
    [2, 'a quota used up', [ready, tenant(signedIn, check('a', 'ok'), check('b', 'quota-used-up'))]],
    [2, 'one source out of reach', [ready, tenant(signedIn, check('a', 'ok'), check('b', 'unreachable'))]],
    [2, 'one tenant out of reach', [ready, tenant(signedIn, check('a', 'ok')), tenant(check(SIGN_IN, 'unreachable'))]],
    [2, 'a lake without its role', [own(check('raw store', 'missing-role')), tenant(signedIn, check('a', 'ok'))]],
    [2, 'no tenant', [own(check('database', 'ok'), check('tenants', 'unavailable'))]],
    [1, 'no role at all', [ready, tenant(signedIn, costs)]],
    [
      1,
      'one refused credential',
      [ready, tenant(signedIn, check('a', 'ok')), tenant(check(SIGN_IN, 'credential-refused'))],
    ],
    [1, 'nothing in reach', [ready, tenant(check(SIGN_IN, 'unreachable'), check('connectors', 'not-asked'))]],
    [1, 'no database', [own(check('database', 'failed'))]],
  ])('is %i for %s', (code, _name, groups) => {
    expect(exitCodeOf(groups)).toBe(code);
  });
});

describe('the text', () => {
  const group = tenant(signedIn, costs, check('monitor', 'not-asked'), check('advisor', 'unreachable'));
  const names = ['cost-management', SIGN_IN];

  it('has signs on a terminal, and what to do below', () => {
    expect(new DiagnosisText(names, true).group(group)).toBe(
      [
        'Tenant Contoso',
        '  ✓ sign-in          It is ok.',
        '  ! cost-management  subscription 1: Azure answered 403.',
        '                     Grant it.',
        `                     ${COMMAND}`,
        '  – monitor          It is not-asked.',
        '  ✗ advisor          It is unreachable.',
        '',
      ].join('\n'),
    );
  });

  it('has words elsewhere, in the same columns', () => {
    const lines = new DiagnosisText(names, false).group(group).split('\n');
    expect(lines.slice(1, 5)).toEqual([
      '  ok      sign-in          It is ok.',
      '  limited cost-management  subscription 1: Azure answered 403.',
      '                           Grant it.',
      `                           ${COMMAND}`,
    ]);
    expect(lines[5]).toMatch(/^ {2}skipped monitor/);
    expect(lines[6]).toMatch(/^ {2}FAILED {2}advisor/);
  });

  it('ends with a line that counts', () => {
    expect(new DiagnosisText(names, true).summary([ready, group])).toBe(
      'AzCops cannot work like this. 2 ok, 1 limited, 1 failed, 1 not asked.',
    );
    expect(new DiagnosisText(names, true).summary([ready])).toBe('Everything works. 1 ok.');
  });

  it('lets nothing that Azure says move the cursor', () => {
    const text = new DiagnosisText([], true).group(own(check('x', 'failed', { reason: 'a\u001b[2Jb\nc' })));
    expect(text).toBe('AzCops\n  ✗ x  a [2Jb c\n');
  });

  it('leaves a place for a client id that nobody knows', () => {
    const text = new DiagnosisText([], true).group({ ...tenant(costs), clientId: null });
    expect(text).toContain('--assignee <client id> --role');
  });
});

describe('the JSON', () => {
  it('says the same to programs', () => {
    expect(diagnosisJson([ready, tenant(signedIn, check('advisor', 'ok'), costs)])).toEqual({
      exit_code: 2,
      counts: { ok: 3, skipped: 0, limited: 1, failed: 0 },
      checks: [expect.objectContaining({ name: 'database', severity: 'ok', subject: null, missing_role: null })],
      tenants: [
        {
          id: 't-1',
          azure_tenant_id: 'a-1',
          name: 'Contoso',
          client_id: 'app-id',
          checks: [
            expect.objectContaining({ name: SIGN_IN }),
            expect.objectContaining({ name: 'advisor' }),
            {
              name: 'cost-management',
              severity: 'limited',
              outcome: 'missing-role',
              subject: 'subscription 1',
              reason: 'Azure answered 403.',
              action: 'Grant it.',
              missing_role: { role: 'Cost Management Reader', scope: '/subscriptions/1', command: COMMAND },
            },
          ],
        },
      ],
    });
  });
});
