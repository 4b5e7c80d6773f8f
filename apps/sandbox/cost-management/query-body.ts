import { azureError, isRecord } from '../http/exchange.js';

/** A 400 as the service words it; its code is `BadRequest` or, in places, the number as text. */
export function invalidQuery(message: string, code = 'BadRequest'): never {
  throw azureError(400, code, `Invalid query definition: ${message}`);
}

/** The object with lower-case property names, one level deep: the service matches names in any case. */
export function lowerCaseNames(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) invalidQuery('an object is expected.');
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name.toLowerCase(), item]));
}
