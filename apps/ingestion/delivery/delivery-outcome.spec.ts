import { describe, expect, it } from 'vitest';
import { DeliveryPostponedError, DeliveryRefusedError } from '#delivery/delivery-error.js';
import { backoffMs, outcomeOf } from './delivery-outcome.js';

const never = () => 0;
const delivery = (attempt = 1, expired = false) => [{ attempt, expired }];

describe('an attempt that throws', () => {
  it('because the receiver refuses fails at once', () => {
    const error = new DeliveryRefusedError('The receiver answered 404.', 'Check the address.', 404);
    expect(outcomeOf(error, delivery(), never)).toEqual({
      status: 'failed',
      reason: 'The receiver answered 404.',
      action: 'Check the address.',
      responseStatus: 404,
    });
  });

  it('for a passing reason is tried again, later each time and never later than an hour', () => {
    const error = new DeliveryPostponedError('The receiver answered 500.', 500);
    const waits = [1, 2, 3, 4, 5, 6, 7, 30].map(
      (attempt) => outcomeOf(error, delivery(attempt), never).retryAfterMs! / 1000,
    );
    expect(waits).toEqual([10, 30, 90, 270, 810, 2430, 3600, 3600]);
    expect(backoffMs(1, () => 0.999)).toBeLessThanOrEqual(12_500);
    expect(outcomeOf(error, delivery(), never)).toMatchObject({
      status: 'pending',
      reason: error.message,
      responseStatus: 500,
    });
  });

  it('because the receiver asks for peace gets it, but never less than the wait of its own', () => {
    const asks = (ms: number) => outcomeOf(new DeliveryPostponedError('429', 429, ms), delivery(3), never).retryAfterMs;
    expect([asks(7_200_000), asks(1_000)]).toEqual([7_200_000, 90_000]);
  });

  it('after a day has failed', () => {
    const outcome = outcomeOf(new DeliveryPostponedError('The receiver answered 503.', 503), delivery(9, true), never);
    expect(outcome).toMatchObject({
      status: 'failed',
      reason: 'The receiver answered 503. It has been tried for a day.',
      responseStatus: 503,
    });
    expect(outcome).not.toHaveProperty('retryAfterMs');
  });

  it('for a reason of ours tells nothing of it but where to look', () => {
    const outcome = outcomeOf(new TypeError('https://hooks.example.com/s3cr3t is broken'), delivery(), never);
    expect(outcome).toMatchObject({ status: 'pending', reason: expect.stringContaining('log of the worker') });
    expect(JSON.stringify(outcome)).not.toContain('s3cr3t');
  });
});
