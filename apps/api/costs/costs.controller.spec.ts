import { describe, expect, it } from 'vitest';
import { summaryRange } from './costs.controller.js';

describe('summaryRange', () => {
  const now = new Date('2026-11-23T00:30:00Z');

  it('is the thirty days that end yesterday in UTC', () => {
    expect(summaryRange(undefined, undefined, now)).toEqual({ from: '2026-10-24', to: '2026-11-22' });
  });

  it('keeps the end that is given', () => {
    expect(summaryRange('2026-11-01', undefined, now)).toEqual({ from: '2026-11-01', to: '2026-11-22' });
    expect(summaryRange(undefined, '2026-03-31', now)).toEqual({ from: '2026-03-02', to: '2026-03-31' });
    expect(summaryRange('2026-01-01', '2026-01-01', now)).toEqual({ from: '2026-01-01', to: '2026-01-01' });
  });

  it('is never empty when it begins today', () => {
    expect(summaryRange('2026-11-23', undefined, now)).toEqual({ from: '2026-11-23', to: '2026-11-23' });
  });
});
