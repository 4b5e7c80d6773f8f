/** The receiver, or our own rules, refuse the message for good: sending it again changes nothing. */
export class DeliveryRefusedError extends Error {
  constructor(
    message: string,
    /** What an administrator can do about it. */
    readonly action: string,
    readonly responseStatus: number | null = null,
  ) {
    super(message);
    this.name = 'DeliveryRefusedError';
  }
}

/** It may work later. */
export class DeliveryPostponedError extends Error {
  constructor(
    message: string,
    readonly responseStatus: number | null = null,
    /** How long the receiver wants to be left alone; null when it does not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = 'DeliveryPostponedError';
  }
}
