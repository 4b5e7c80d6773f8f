import { heededMs } from '#core/stated-wait.js';

/** Response headers, names in lower case. */
export type AnswerHeaders = ReadonlyMap<string, string>;

/** How long the source asks us to stay away, and which of its quotas asked for it. */
export interface StatedWait {
  waitMs: number;
  /** Short name of the exhausted quota, for metrics: `qpu`, `entity`, `tenant`, `clienttype`, `user-quota`, `general`. */
  bucket: string;
}

/** 529 is what Monitor's batch endpoint answers when it throttles. */
export function isThrottled(status: number | null): boolean {
  return status === 429 || status === 529;
}

const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'];

/**
 * Cost Management states its waits in one header per quota (`…-qpu-retry-after`, `…-entity-retry-after`, …) and
 * usually sends no standard `Retry-After`; `…microsoft.consumption-retry-after` is the older single form.
 */
const COST_QUOTA_HEADER = /^x-ms-ratelimit-microsoft\.(?:costmanagement-(.+)|consumption)-retry-after$/;

/** The longest wait that an answer asks for, or null when it states none. */
export function statedWait(status: number, headers: AnswerHeaders, now: Date): StatedWait | null {
  const waits = statedWaits(status, headers, now);
  return waits.reduce<StatedWait | null>((best, wait) => (best && best.waitMs >= wait.waitMs ? best : wait), null);
}

/**
 * Every wait that an answer asks for. Only 429 answers may be read for the per-quota headers: Cost Management sends
 * `…-retry-after: 60` on successful answers as well.
 */
export function statedWaits(status: number, headers: AnswerHeaders, now: Date): StatedWait[] {
  const waits: StatedWait[] = [];
  const add = (bucket: string, waitMs: number | null) => {
    if (waitMs !== null && waitMs > 0) waits.push({ bucket, waitMs: heededMs(waitMs) });
  };
  add('general', retryAfterMs(headers.get('retry-after'), now));
  for (const name of MILLISECOND_HEADERS) add('general', nonNegative(headers.get(name)));
  if (status === 429) {
    add('user-quota', clockTimeMs(headers.get('x-ms-user-quota-resets-after')));
    for (const [name, value] of headers) {
      const quota = COST_QUOTA_HEADER.exec(name);
      if (quota) add(quota[1] ?? 'consumption', scaled(nonNegative(value), 1000));
    }
  }
  return waits;
}

/** `Retry-After` in milliseconds; both forms of RFC 9110 are read: seconds and an HTTP date. */
function retryAfterMs(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  const seconds = nonNegative(value);
  if (seconds !== null) return scaled(seconds, 1000);
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.max(0, time - now.getTime());
}

/** A duration written `hh:mm:ss`, with optional fraction, in milliseconds. */
export function clockTimeMs(value: string | undefined): number | null {
  const match = /^(\d+):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(value?.trim() ?? '');
  if (!match) return null;
  return Math.ceil((Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000);
}

function nonNegative(value: string | undefined): number | null {
  return value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : null;
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : Math.ceil(value * factor);
}
