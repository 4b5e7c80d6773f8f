import { addDays, dayOf } from '#core/day.js';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  DueChannel,
  SendingChannel,
} from '#db/repositories/delivery-outbox.repository.js';
import { DeliveryPostponedError, DeliveryRefusedError } from '#delivery/delivery-error.js';
import { channels } from '#delivery/registry.js';
import type { Parts } from '../parts.js';
import { backoffMs, outcomeOf } from './delivery-outcome.js';
import { MessageSender } from './message-sender.js';

/** Channels in work at once; each waits for its receiver most of the time. */
const MOST_CHANNELS = 50;
/** Messages under way at once to one receiver. */
const MOST_MESSAGES = 4;
/** How long a receiver that fails is left alone at most, unless it asks for more. */
const LONGEST_PAUSE_MS = 300_000;
/** What is under way when the worker is told to stop has this long; what is cut off is sent again by another worker. */
const GRACE_MS = 10_000;

/** Sends what waits, each channel by itself: one that hangs or fails holds up no other. */
export class DeliveryWorker {
  private readonly active = new Map<string, Promise<void>>();
  /** Channels whose receiver failed: how often in a row, and when it is tried again. */
  private readonly failing = new Map<string, { failures: number; until: number }>();
  private readonly stopping = new AbortController();
  private readonly cutOff = new AbortController();
  private readonly sender: MessageSender;

  constructor(private readonly parts: Parts) {
    this.sender = new MessageSender(parts);
  }

  /** Starts on every channel that has something due and is not in work. */
  async tick(): Promise<void> {
    const now = this.parts.clock.now().getTime();
    for (const channel of await this.parts.outbox.dueChannels()) {
      if (this.stopping.signal.aborted || this.active.size >= MOST_CHANNELS) return;
      if (this.active.has(channel.id) || (this.failing.get(channel.id)?.until ?? 0) > now) continue;
      const work = this.sendAll(channel)
        .catch((error: unknown) => {
          this.parts.logger.warn({ operation_name: 'deliver', channel_id: channel.id, err: error }, 'delivery failed');
        })
        .finally(() => this.active.delete(channel.id));
      this.active.set(channel.id, work);
    }
  }

  /** Makes the digests that are due. A worker that was away at the hour makes up for it. */
  async makeDigests(): Promise<void> {
    const now = this.parts.clock.now();
    const hour = String(this.parts.config.delivery.digestHour).padStart(2, '0');
    const today = dayOf(now);
    const cutOf = (day: string) => new Date(`${day}T${hour}:00:00Z`);
    const day = cutOf(today) <= now ? today : addDays(today, -1);
    await this.parts.outbox.makeDigests(day, cutOf(day));
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.active.values());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const timer = setTimeout(() => this.cutOff.abort(new Error('the worker is stopping')), GRACE_MS);
    await this.idle();
    clearTimeout(timer);
  }

  private async sendAll(due: DueChannel): Promise<void> {
    const { mostEvents } = channels.get(due.kind)!;
    while (!this.stopping.signal.aborted) {
      // A receiver that fails is asked with one message whether it is back.
      const most = this.failing.has(due.id) ? 1 : mostEvents > 1 ? mostEvents : MOST_MESSAGES;
      const claimed = await this.parts.outbox.claim(due, most);
      if (!claimed) return;
      const { channel, deliveries } = claimed;
      const messages = inMessages(deliveries, mostEvents);
      const waits = await Promise.all(messages.map((message) => this.attempt(channel, message)));
      if (waits.every((wait) => wait === null)) {
        this.failing.delete(due.id);
        continue;
      }
      const failures = (this.failing.get(due.id)?.failures ?? 0) + 1;
      const pauseMs = Math.max(Math.min(backoffMs(failures, Math.random), LONGEST_PAUSE_MS), ...waits.map(Number));
      this.failing.set(due.id, { failures, until: this.parts.clock.now().getTime() + pauseMs });
      return;
    }
  }

  /** Sends one message and records what became of it. Null when the receiver took it, else how long it asks for peace. */
  private async attempt(channel: SendingChannel, deliveries: readonly ClaimedDelivery[]): Promise<number | null> {
    const { outbox, metrics, clock, logger } = this.parts;
    const startedAt = clock.now().getTime();
    let outcome: DeliveryOutcome;
    let peaceMs: number | null = null;
    try {
      const { responseStatus, ticket } = await this.sender.send(channel, deliveries, this.cutOff.signal);
      outcome = { status: 'delivered', reason: null, action: null, responseStatus, ticket };
    } catch (error) {
      // Nobody knows whether it arrived: whoever takes it over sends it again, under the same id.
      if (this.cutOff.signal.aborted) return null;
      if (!(error instanceof DeliveryRefusedError || error instanceof DeliveryPostponedError)) {
        logger.error({ operation_name: 'deliver', channel_id: channel.id, err: error }, 'a message could not be made');
      }
      peaceMs = (error instanceof DeliveryPostponedError && error.retryAfterMs) || 0;
      outcome = outcomeOf(error, deliveries, Math.random);
    }
    const status = outcome.status === 'pending' ? 'postponed' : outcome.status;
    const recorded = await outbox.finish(channel, deliveries, outcome);
    metrics.observeDelivery(channel.kind, status);
    logger[outcome.status === 'delivered' ? 'info' : 'warn'](
      {
        operation_name: 'deliver',
        tenant_id: channel.tenantId,
        channel_id: channel.id,
        channel_kind: channel.kind,
        delivery_id: deliveries[0]!.id,
        deliveries: deliveries.length,
        recorded,
        attempt: deliveries[0]!.attempt,
        response_status: outcome.responseStatus,
        reason: outcome.reason,
        duration_ms: clock.now().getTime() - startedAt,
      },
      `message ${status}`,
    );
    return peaceMs;
  }
}

/** Events that come at once are one message where the kind can tell of many; everything else is one each. */
function inMessages(deliveries: readonly ClaimedDelivery[], mostEvents: number): ClaimedDelivery[][] {
  if (mostEvents === 1) return deliveries.map((delivery) => [delivery]);
  const { event: events = [], ...others } = Object.groupBy(deliveries, ({ kind }) => kind);
  return [...(others.test ?? []), ...(others.digest ?? [])]
    .map((delivery) => [delivery])
    .concat(events.length > 0 ? [events] : []);
}
