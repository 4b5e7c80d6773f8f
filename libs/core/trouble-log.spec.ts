import { pino } from 'pino';
import { expect, it } from 'vitest';
import { TroubleLog } from './trouble-log.js';

it('tells of each kind of trouble at once, and then once a minute with how often it came', () => {
  const lines: object[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line) as object) });
  let now = 0;
  const troubles = new TroubleLog(logger, { now: () => new Date(now), sleep: () => Promise.resolve() });
  const told = () => lines.splice(0);

  troubles.warn('queue refused', { reason: 'refused' }, 'queue trouble');
  troubles.warn('queue full', { reason: 'full' }, 'queue trouble');
  expect(told()).toMatchObject([{ reason: 'refused' }, { reason: 'full' }]);
  for (now = 1_000; now < 60_000; now += 1_000) troubles.warn('queue refused', { reason: 'refused' }, 'queue trouble');
  expect(told()).toEqual([]);
  troubles.warn('queue refused', { reason: 'refused' }, 'queue trouble');
  expect(told()).toEqual([{ level: 40, reason: 'refused', repeated: 59, msg: 'queue trouble' }]);
});
