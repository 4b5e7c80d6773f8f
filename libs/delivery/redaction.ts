import type { DeliverySecret } from '#core/delivery.js';
import { DeliveryPostponedError, DeliveryRefusedError } from './delivery-error.js';
import { authorizationOf } from './ticket.js';

/** The same error without what was sent in confidence: what a receiver answers may repeat it. */
export function withoutSecrets(error: unknown, url: string, secret: DeliverySecret): unknown {
  if (!(error instanceof DeliveryRefusedError || error instanceof DeliveryPostponedError)) return error;
  const { signingSecret, previousSigningSecret, password, token } = secret;
  const confided = [url, signingSecret, previousSigningSecret, authorizationOf(secret).split(' ')[1], password, token];
  for (const part of confided) if (part) error.message = error.message.replaceAll(part, '…');
  return error;
}
