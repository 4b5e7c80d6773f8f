import { z } from 'zod';
import type { DeliverySecret } from './delivery.js';

const FIELDS = {
  URL: 'url',
  SIGNING_SECRET: 'signingSecret',
  PREVIOUS_SIGNING_SECRET: 'previousSigningSecret',
  USERNAME: 'username',
  PASSWORD: 'password',
  TOKEN: 'token',
  TENANT_ID: 'tenantId',
} as const;
const VARIABLE = new RegExp(`^DELIVERY_SECRET_([A-Z0-9_]+?)_(${Object.keys(FIELDS).join('|')})$`);

/** Whether a variable of this name holds a part of a channel's secret. */
export function isDeliverySecret(name: string): boolean {
  return VARIABLE.test(name);
}

/**
 * A channel's `secret_ref` of `OPS` reads `DELIVERY_SECRET_OPS_URL` and its siblings. Adds what is wrong to `problems`, by
 * the variable's name; values are never repeated.
 */
export function deliverySecrets(
  present: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Record<string, DeliverySecret> {
  const secrets: Record<string, DeliverySecret> = {};
  for (const [name, value] of Object.entries(present)) {
    if (!name.startsWith('DELIVERY_SECRET_') || !value) continue;
    // What the file holds stands beside it.
    if (isDeliverySecret(name.replace(/_FILE$/, '')) && name.endsWith('_FILE')) continue;
    const [, ref, part] = VARIABLE.exec(name) ?? [];
    if (!ref || !part) {
      problems.push(`${name}: must end with one of _${Object.keys(FIELDS).join(', _')}`);
      continue;
    }
    const field = FIELDS[part as keyof typeof FIELDS];
    const problem = problemOf(field, value);
    if (problem) problems.push(`${name}: ${problem}`);
    (secrets[ref] ??= {})[field] = field === 'tenantId' ? value.toLowerCase() : value;
  }
  return secrets;
}

function problemOf(field: keyof DeliverySecret, value: string): string | null {
  switch (field) {
    case 'url':
      return URL.canParse(value) && value.startsWith('https://') ? null : 'must be a URL that begins with https://';
    case 'signingSecret':
    case 'previousSigningSecret':
      return isSigningSecret(value) ? null : 'must be whsec_ followed by 24 to 64 random bytes in base64';
    case 'tenantId':
      return z.guid().safeParse(value).success ? null : 'must be a GUID';
    default:
      // They become parts of header lines.
      return /[\r\n]/.test(value) ? 'must be one line' : null;
  }
}

/** Source: Standard Webhooks 1.0.0, signature scheme. */
function isSigningSecret(value: string): boolean {
  const [, key = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? [];
  const bytes = Buffer.from(key, 'base64').length;
  return bytes >= 24 && bytes <= 64;
}
