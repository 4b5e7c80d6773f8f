import { isObject, textOrNull } from './json-body.js';

/**
 * The client id of the application that an access token was issued to; null when it does not say. For display alone:
 * the token is not verified, because it is ours and Azure's to judge.
 */
export function applicationOf(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isObject(claims) ? (textOrNull(claims['appid']) ?? textOrNull(claims['azp'])) : null;
  } catch {
    return null;
  }
}
