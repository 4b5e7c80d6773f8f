import { describe, expect, it } from 'vitest';
import { readDoctorArguments } from './doctor-arguments.js';

describe('the command line of the doctor', () => {
  it.each([
    [[], { tenant: null, json: false, subscriptions: 3 }],
    [['--tenant', 'x', '--json'], { tenant: 'x', json: true, subscriptions: 3 }],
    [['--subscriptions', '12'], { tenant: null, json: false, subscriptions: 12 }],
    [['--subscriptions=all'], { tenant: null, json: false, subscriptions: null }],
  ])('reads %j', (args, request) => {
    expect(readDoctorArguments(args)).toEqual(request);
  });

  it.each([
    ['--subscriptions', '0'],
    ['--subscriptions', '-1'],
    ['--tenant'],
    ['--tenant', ' '],
    ['--tenat'],
    ['more'],
  ])('refuses %j %j', (...args) => {
    expect(readDoctorArguments(args)).toMatchObject({ exitCode: 64, text: expect.stringContaining('Usage: ') });
  });

  it('explains itself', () => {
    expect(readDoctorArguments(['--help'])).toMatchObject({ exitCode: 0, text: expect.stringMatching(/^Usage: /) });
  });
});
