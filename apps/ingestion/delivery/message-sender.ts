import type { DeliverySecret, Message } from '#core/delivery.js';
import { InvariantError } from '#core/errors.js';
import type { ClaimedDelivery, SendingChannel } from '#db/repositories/delivery-outbox.repository.js';
import type { Receipt } from '#delivery/channel.js';
import { DeliveryPostponedError, DeliveryRefusedError } from '#delivery/delivery-error.js';
import { withoutSecrets } from '#delivery/redaction.js';
import { channels } from '#delivery/registry.js';
import type { Parts } from '../parts.js';
import { messageLink } from './message-link.js';

/** Of a digest, and of events that came at once. */
const BIGGEST = 5;
const BIGGEST_AT_ONCE = 10;
/** A ticket takes a few exchanges; the lease of a delivery is longer. */
const TIMEOUT_MS = 90_000;

/** Makes a message of deliveries and hands it to their channel. */
export class MessageSender {
  constructor(private readonly parts: Parts) {}

  /**
   * Sends one message that tells of these deliveries. Throws `DeliveryRefusedError` or `DeliveryPostponedError`, in which no
   * secret stands, or the signal's reason once it aborts.
   */
  async send(channel: SendingChannel, deliveries: readonly ClaimedDelivery[], signal: AbortSignal): Promise<Receipt> {
    const kind = channels.get(channel.kind)!;
    const secret = this.secretOf(channel);
    const url = kind.addressIn === 'secret' ? secret.url : channel.url;
    if (!url) throw new InvariantError(`the channel ${channel.id} has no address`);
    const options = kind.options.safeParse(channel.options);
    if (!options.success) {
      throw new DeliveryRefusedError(
        'The options of the channel are not usable.',
        'Give the channel its options anew, then retry.',
      );
    }
    const message = await this.messageOf(channel, deliveries);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const whole = AbortSignal.any([signal, timeout]);
    const { http, clock, config } = this.parts;
    try {
      return await kind.send(
        message,
        { url, options: options.data, secret },
        {
          now: clock.now(),
          exchange: (outgoing) => http.send(outgoing, whole),
          linkTo: (recommendation) => messageLink(config.delivery.linkTemplate, recommendation),
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) throw new DeliveryPostponedError('The receiver took too long.');
      throw withoutSecrets(error, url, secret);
    }
  }

  private secretOf({ kind, secretRef: ref }: SendingChannel): DeliverySecret {
    const { secrets } = this.parts.config.delivery;
    const secret = Object.hasOwn(secrets, ref) ? secrets[ref]! : {};
    const missing = channels.get(kind)!.missing(secret);
    if (missing === null) return secret;
    throw new DeliveryRefusedError(
      `The secret ${ref} of the channel is not configured.`,
      `Set DELIVERY_SECRET_${ref}${missing} for the worker and restart it, then retry.`,
    );
  }

  private async messageOf(channel: SendingChannel, deliveries: readonly ClaimedDelivery[]): Promise<Message> {
    const [first] = deliveries as [ClaimedDelivery];
    const { messages } = this.parts;
    const { tenantId } = channel;
    if (first.kind === 'test') return { kind: 'test', id: first.id, channelName: channel.name };
    if (first.kind === 'digest') {
      const summary = await messages.summary(tenantId, { digestId: first.id }, BIGGEST);
      return { kind: 'summary', id: first.id, day: first.digestDay, summary };
    }
    if (deliveries.length > 1) {
      const eventIds = deliveries.map(({ eventId }) => eventId!);
      const summary = await messages.summary(tenantId, { eventIds }, BIGGEST_AT_ONCE);
      return { kind: 'summary', id: first.id, day: null, summary };
    }
    const [event, ticketKey] = await Promise.all([
      messages.event(tenantId, first.eventId!),
      messages.ticketKey(tenantId, channel.id, first.recommendationId!),
    ]);
    return { kind: 'event', id: first.id, event, ticketKey };
  }
}
