import { type Day, addDays } from '#core/day.js';
import { guidOf, mix32 } from '../estate/seeded-random.js';
import { dayNumber } from '../estate/workload.js';
import type { Recommendation } from './recommendation.js';

const DAY_MS = 86_400_000;
const SNOOZE_DAYS = [7, 30, 90] as const;
/** Shares: three of ten recommendations are snoozed a quarter of the time. */
const SNOOZED_OF_TEN = 3;
const CYCLE = 4;

/** A snooze or dismissal of a recommendation. */
export interface Suppression {
  readonly name: string;
  readonly suppressionId: string;
  /** `d.hh:mm:ss`; `-1` is for good. */
  readonly ttl: string;
  readonly expirationTimeStamp: string;
}

/** Suppressions as people of the estate left them, and as callers change them. */
export class Suppressions {
  /** By recommendation id in lower case; null where a generated one was removed. */
  private readonly changes = new Map<string, Map<string, Suppression | null>>();
  /** Grows with every change, so that remembered answers can tell whether they still hold. */
  revision = 0;

  /** What suppresses a recommendation at an instant. */
  of(recommendation: Recommendation, day: Day, now: Date): Suppression[] {
    const changes = this.changes.get(recommendation.id.toLowerCase());
    const generated = generatedFor(recommendation, day);
    if (!changes) return generated ? [generated] : [];
    const all = new Map<string, Suppression | null>(generated ? [[generated.name.toLowerCase(), generated]] : []);
    for (const [name, change] of changes) all.set(name, change);
    return [...all.values()].filter(
      (item): item is Suppression => item !== null && Date.parse(item.expirationTimeStamp) > now.getTime(),
    );
  }

  /** Creates or replaces a suppression. Throws a `RangeError` for a time to live that is none. */
  put(recommendation: Recommendation, name: string, ttl: string, now: Date): Suppression {
    const match = /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)$/.exec(ttl);
    if (!match && ttl !== '-1') throw new RangeError(`not a time to live: ${ttl}`);
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match ?? [];
    const lifeMs = Number(days) * DAY_MS + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    const suppression: Suppression = {
      name,
      suppressionId: guidOf(recommendation.seed, 'suppression', name),
      ttl,
      expirationTimeStamp: match
        ? new Date(now.getTime() + lifeMs).toISOString().replace('Z', '0000Z')
        : '9999-12-31T23:59:59.9999999Z',
    };
    this.change(recommendation, name, suppression);
    return suppression;
  }

  remove(recommendation: Recommendation, name: string): void {
    this.change(recommendation, name, null);
  }

  private change(recommendation: Recommendation, name: string, value: Suppression | null): void {
    this.revision++;
    const key = recommendation.id.toLowerCase();
    const changes = this.changes.get(key) ?? new Map<string, Suppression | null>();
    changes.set(name.toLowerCase(), value);
    this.changes.set(key, changes);
  }
}

/** Some recommendations are snoozed again and again, each for as long as it always is. */
function generatedFor({ seed }: Recommendation, day: Day): Suppression | undefined {
  const draw = mix32(seed, 3);
  if (draw % 10 >= SNOOZED_OF_TEN) return undefined;
  const days = SNOOZE_DAYS[(draw >>> 8) % SNOOZE_DAYS.length] as number;
  const position = (dayNumber(day) + (draw >>> 12)) % (days * CYCLE);
  if (position >= days) return undefined;
  const start = addDays(day, -position);
  const suppressionId = guidOf(seed, 'suppression', start);
  return {
    name: suppressionId,
    suppressionId,
    ttl: `${days}.00:00:00`,
    expirationTimeStamp: `${addDays(start, days)}T00:00:00.0000000Z`,
  };
}
