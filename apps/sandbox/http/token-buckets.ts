import type { Clock } from '#core/clock.js';

/** A bucket holds `size` tokens and gains `perSecond`. */
export interface TokenBucket {
  readonly size: number;
  readonly perSecond: number;
}

/** Token buckets per key, refilled by the clock. */
export class TokenBuckets {
  private readonly levels = new Map<string, { tokens: number; at: number }>();

  constructor(private readonly clock: Clock) {}

  /** Whole tokens in the bucket of `key`. */
  left(key: string, bucket: TokenBucket): number {
    return Math.floor(this.level(key, bucket).tokens);
  }

  /** Seconds until a token is there; 0 when one is. */
  waitSeconds(key: string, bucket: TokenBucket): number {
    const missing = 1 - this.level(key, bucket).tokens;
    return missing <= 0 ? 0 : Math.ceil(missing / bucket.perSecond);
  }

  /** Takes a token, which has to be there. */
  take(key: string, bucket: TokenBucket): void {
    this.level(key, bucket).tokens--;
  }

  clear(): void {
    this.levels.clear();
  }

  private level(key: string, { size, perSecond }: TokenBucket): { tokens: number; at: number } {
    const now = this.clock.now().getTime();
    const level = this.levels.get(key) ?? { tokens: size, at: now };
    level.tokens = Math.min(size, level.tokens + (Math.max(0, now - level.at) / 1000) * perSecond);
    level.at = now;
    this.levels.set(key, level);
    return level;
  }
}
