import { type SandboxRequest, azureError } from '../http/exchange.js';

/** Refuses a request without `api-version`, or with one the resource type does not know. */
export function requireApiVersion(
  request: SandboxRequest,
  supported: readonly string[],
  namespace: string,
  resourceType: string,
): string {
  const version = request.query.get('api-version');
  if (!version) {
    throw azureError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  if (!supported.includes(version.toLowerCase())) {
    throw azureError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}' for '${namespace}/${resourceType}'.`,
    );
  }
  return version.toLowerCase();
}
