import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

const AGAIN_AFTER_MS = 60_000;
const MOST_KINDS = 100;

/** Warns of what may come many times a second while it lasts: each kind at once, and then once a minute. */
export class TroubleLog {
  private readonly kinds = new Map<string, { toldAt: number; since: number }>();

  constructor(
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  /** `kind` tells troubles apart; a line says how often its kind came unsaid since the one before. */
  warn(kind: string, line: object, message: string): void {
    const now = this.clock.now().getTime();
    const known = this.kinds.get(kind);
    if (known && now < known.toldAt + AGAIN_AFTER_MS) {
      known.since += 1;
      return;
    }
    if (this.kinds.size >= MOST_KINDS) this.kinds.clear();
    this.kinds.set(kind, { toldAt: now, since: 0 });
    this.logger.warn({ ...line, ...(known?.since && { repeated: known.since }) }, message);
  }
}
