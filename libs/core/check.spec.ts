import { describe, expect, it } from 'vitest';
import { checked, concernsAll, refused, subscriptionScope, type CheckOutcome } from './check.js';
import { systemClock } from './clock.js';
import {
  CredentialError,
  IncompleteReadError,
  InvariantError,
  PermissionError,
  SourceRejectedError,
  ThrottledError,
  TransientSourceError,
  UnavailableError,
} from './errors.js';

const QUESTION = { subject: 'subscription 1', scope: '/subscriptions/1' };
const NOW = new Date('2026-04-03T10:00:00Z');

describe('what an error says about a check', () => {
  it.each<[Error, CheckOutcome, boolean]>([
    [new PermissionError('no', 'Reader', 'it'), 'missing-role', false],
    [new CredentialError('no', 'act'), 'credential-refused', true],
    [new UnavailableError('no', 'act'), 'unavailable', false],
    [new ThrottledError('no', 90_000), 'quota-used-up', true],
    [new TransientSourceError('no'), 'unreachable', true],
    [new DOMException('late', 'TimeoutError'), 'unreachable', true],
    [new SourceRejectedError('no', 'act'), 'failed', false],
    [new IncompleteReadError('no', 'act'), 'failed', false],
    [new InvariantError('defect'), 'failed', false],
  ])('%s', (error, outcome, concerns) => {
    const result = refused(QUESTION, error, NOW);
    expect(result).toMatchObject({ subject: QUESTION.subject, outcome });
    expect(result.grant).toEqual(outcome === 'missing-role' ? { role: 'Reader', scope: QUESTION.scope } : null);
    expect(concernsAll(result)).toBe(concerns);
  });

  it('tells until when a quota is used up', () => {
    expect(refused(QUESTION, new ThrottledError('Waiting.', 90_000), NOW)).toMatchObject({
      reason: 'Quota used up until 10:01:30 UTC. Waiting.',
      action: 'Ask again then.',
    });
  });
});

describe('a check', () => {
  it('passes with a sentence, and ends when whoever asked gives up', async () => {
    const stop = new AbortController();
    const context = { clock: systemClock, signal: stop.signal };
    expect(await checked(QUESTION, context, async () => 'It works.')).toMatchObject({
      outcome: 'ok',
      reason: 'It works.',
    });
    stop.abort(new Error('stopped'));
    const result = await checked(QUESTION, context, async ({ signal }) => {
      signal.throwIfAborted();
      return 'It works.';
    });
    expect(result).toMatchObject({ outcome: 'failed', reason: 'stopped' });
  });

  it('lets no id become a part of a shell command', () => {
    expect(subscriptionScope('a"$(x)`y`')).toBe('/subscriptions/a%22%24(x)%60y%60');
  });
});
