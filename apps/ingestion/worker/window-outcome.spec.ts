import { describe, expect, it } from 'vitest';
import {
  ConflictError,
  CredentialError,
  IncompleteReadError,
  InvariantError,
  PermissionError,
  SourceRejectedError,
  ThrottledError,
  TransientSourceError,
  UnavailableError,
} from '#core/errors.js';
import { FencedError, type ClaimedWindow } from '#db/repositories/ingestion-window.repository.js';
import { outcomeOf } from './window-outcome.js';

const window = (failures = 0) => ({ failures }) as ClaimedWindow;
const running = new AbortController().signal;
const outcome = (error: unknown, failures = 0) => outcomeOf(error, window(failures), running);

describe('an attempt that throws', () => {
  it('because of quota waits as long as the source asks, and spends no attempt', () => {
    const error = new ThrottledError('Too many requests.', 90_000);
    const expected = {
      status: 'pending',
      reason: 'Too many requests.',
      action: error.action,
      waitMs: 90_000,
      continues: true,
    };
    expect(outcome(error)).toEqual(expected);
    expect(outcome(error, 99)).toEqual(expected);
  });

  it('for a lasting reason of the source ends unavailable, with what to do', () => {
    expect(outcome(new UnavailableError('No costs in this offer.', 'Change the offer.'))).toEqual({
      status: 'unavailable',
      reason: 'No costs in this offer.',
      action: 'Change the offer.',
      lasting: true,
    });
    const passing = new UnavailableError('Costs are switched off.', 'Switch them on.', { lasting: false });
    expect(outcome(passing)).toMatchObject({ status: 'unavailable', lasting: false });
  });

  it('because files own the month ends unavailable', () => {
    expect(outcome(new ConflictError('Owned by focus-file.'))).toMatchObject({
      status: 'unavailable',
      reason: 'Owned by focus-file.',
      action: expect.stringContaining('import') as string,
    });
  });

  it('for want of a role ends unavailable, naming the role to grant', () => {
    expect(outcome(new PermissionError('Forbidden.', 'Reader', '/subscriptions/s1'))).toEqual({
      status: 'unavailable',
      reason: 'Forbidden.',
      action: expect.stringContaining('Grant the role "Reader" on /subscriptions/s1') as string,
      lasting: false,
    });
  });

  it('for a lasting fault fails at once', () => {
    const error = new SourceRejectedError('Bad request.', 'Report it.');
    expect(outcome(error)).toEqual({
      status: 'failed',
      reason: error.message,
      action: error.action,
      countsAsFailure: true,
    });
  });

  it('because the credential is refused is tried once more, since a token may be revoked before its time', () => {
    const error = new CredentialError('The secret has expired.', 'Renew it.');
    expect(outcome(error)).toMatchObject({ status: 'pending', countsAsFailure: true });
    expect(outcome(error, 1)).toMatchObject({ status: 'failed', reason: error.message, action: error.action });
  });

  it.each([
    new TransientSourceError('The network broke.'),
    new IncompleteReadError('A page is missing.', 'Nothing.'),
    new InvariantError('A bug.'),
    new Error('anything'),
    'not even an error',
  ])('otherwise is tried three times, each later than the one before: %s', (error) => {
    const reason = error instanceof Error ? error.message : 'not even an error';
    const again = { status: 'pending', reason, countsAsFailure: true };
    expect(outcome(error, 0)).toMatchObject({ ...again, waitMs: 5_000 });
    expect(outcome(error, 1)).toMatchObject({ ...again, waitMs: 20_000 });
    expect(outcome(error, 2)).toMatchObject({ status: 'failed', reason, countsAsFailure: true });
    expect(outcome(error, 2)).not.toHaveProperty('waitMs');
  });

  it.each([
    Object.assign(new Error('sorry, too many clients already'), { code: '53300' }),
    Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' }),
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('timeout exceeded when trying to connect'),
  ])('because the database is away is tried again however often, and says what is away: %s', (error) => {
    const again = {
      status: 'pending',
      reason: `The database did not answer (${error.message}).`,
      action: expect.stringContaining('connections left') as string,
      waitMs: 5_000,
    };
    expect(outcome(error)).toEqual(again);
    expect(outcome(error, 2)).toEqual(again);
  });

  it('because the database is away at every address of its name says how', () => {
    const refused = new Error('connect ECONNREFUSED ::1:5432');
    const error = Object.assign(new AggregateError([refused]), { code: 'ECONNREFUSED' });
    expect(outcome(error)?.reason).toBe('The database did not answer (connect ECONNREFUSED ::1:5432).');
  });

  it('because a statement was wrong is not tried for ever', () => {
    expect(outcome(Object.assign(new Error('syntax error'), { code: '42601' }), 2)).toMatchObject({ status: 'failed' });
    expect(outcome(Object.assign(new Error('statement timeout'), { code: '57014' }), 2)).toMatchObject({
      status: 'failed',
    });
  });

  it('because the window is no longer its own says nothing', () => {
    expect(outcome(new FencedError('w'))).toBeNull();
    const lost = AbortSignal.abort(new FencedError('w'));
    expect(outcomeOf(new Error('aborted'), window(), lost)).toBeNull();
  });

  it('because the worker stops gives the window back at no cost', () => {
    const stopped = AbortSignal.abort(new Error('the worker is stopping'));
    expect(outcomeOf(new Error('aborted'), window(2), stopped)).toEqual({ status: 'pending' });
  });
});
