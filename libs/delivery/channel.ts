import type { z } from 'zod';
import type { ChannelKind, DeliverySecret, Message, ToldRecommendation } from '#core/delivery.js';
import type { Incoming, Outgoing } from './http-sender.js';

/** Where a message goes. */
export interface Target<Options> {
  url: string;
  options: Options;
  secret: DeliverySecret;
}

/** What sending needs from outside. */
export interface SendContext {
  now: Date;
  exchange(outgoing: Outgoing): Promise<Incoming>;
  /** Where people can see more. */
  linkTo(recommendation: ToldRecommendation): string;
}

/** That the receiver has it. */
export interface Receipt {
  responseStatus: number;
  /** The ticket that the message became or went into. */
  ticket?: { key: string; url: string };
}

/** A kind of place where people work. One folder each, one line in the registry. */
export interface Channel<Options extends z.ZodObject = z.ZodObject> {
  readonly kind: ChannelKind;
  /** What a channel of this kind may be told about itself. */
  readonly options: Options;
  /** Whether its address stands in the channel, or in the secret because it is one. */
  readonly addressIn: 'channel' | 'secret';
  /** How many events one message may tell of when they come at once. */
  readonly mostEvents: number;
  /** Whether it can tell of a day; a ticket is about one recommendation. */
  readonly hasDigest: boolean;
  /** Endings of the variables that a secret lacks, in words; null when it is complete. */
  missing(secret: DeliverySecret): string | null;
  /**
   * Sends one message. Throws `DeliveryRefusedError` or `DeliveryPostponedError`; may be called again with a message that
   * arrived, of which nobody knows.
   */
  send(message: Message, target: Target<z.infer<Options>>, context: SendContext): Promise<Receipt>;
}
