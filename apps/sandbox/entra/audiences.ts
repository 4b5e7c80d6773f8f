import { API_AUDIENCE } from './token-issuer.js';

/** Services whose tokens can be asked for, as audiences without a trailing slash. */
const AUDIENCES = [
  'https://management.azure.com',
  'https://management.core.windows.net',
  'https://metrics.monitor.azure.com',
  'https://storage.azure.com',
  API_AUDIENCE,
];

/** The audience of a resource; clients with a custom endpoint name that endpoint, `origin`. */
export function audienceOf(resource: string, origin: string): string | undefined {
  const name = resource.replace(/\/+$/, '');
  return [...AUDIENCES, origin].find((audience) => audience === name);
}
