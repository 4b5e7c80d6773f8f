import { authenticationChallenge } from '../http/challenges.js';
import { type SandboxRequest, type ServiceError, azureError } from '../http/exchange.js';
import { claimedPrincipal } from '../http/request-reader.js';
import type { Route } from '../http/router.js';

/** What every request to Resource Manager needs, whoever sends it: this is checked before the token is. */
export function requireAnyApiVersion(request: SandboxRequest): void {
  if (request.query.get('api-version')) return;
  throw azureError(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

/** Resource Manager's refusal of a request that no route takes. */
export function unknownRoute(routes: readonly Route[], request: SandboxRequest): ServiceError {
  if (routes.some(({ pattern, when }) => pattern.test(request.path) && when === undefined)) {
    return azureError(405, 'UnsupportedHttpVerb', `The resource does not support the HTTP method '${request.method}'.`);
  }
  if (!claimedPrincipal(request)) {
    return authenticationChallenge(
      request,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
    );
  }
  const version = request.query.get('api-version') ?? '';
  const provider = /\/providers\/(?<namespace>[^/]+)\/(?<type>[^/]+)/i.exec(request.path)?.groups;
  const { namespace = '', type = '' } = provider ?? {};
  if (!provider) return azureError(404, 'ResourceNotFound', `The resource '${request.path}' was not found.`);
  if (!knows(routes, namespace)) {
    return azureError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
  }
  const isAboveSubscriptions = !request.path.toLowerCase().startsWith('/subscriptions/');
  if (isAboveSubscriptions && knows(routes, `${namespace}/${type}`)) {
    return azureError(
      404,
      'MissingSubscription',
      'The request did not have a subscription or a valid tenant level resource provider.',
    );
  }
  return azureError(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.`,
  );
}

/** Whether any route serves a namespace, or a type of it; patterns are text with escaped dots. */
function knows(routes: readonly Route[], name: string): boolean {
  return routes.some(({ pattern }) =>
    pattern.source
      .replaceAll('\\/', '/')
      .replaceAll('\\.', '.')
      .toLowerCase()
      .includes(`/providers/${name.toLowerCase()}`),
  );
}
