import type { SandboxRequest, SandboxResponse } from './exchange.js';

/** The services a fault or a log entry can name. */
export const SERVICE_NAMES = [
  'entra',
  'resource-manager',
  'resource-graph',
  'cost-management',
  'data-lake',
  'advisor',
  'monitor',
  'retail-prices',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Answers one request; `parameters` are the named groups of the route's pattern. */
export type Handler = (
  request: SandboxRequest,
  parameters: Readonly<Record<string, string>>,
) => SandboxResponse | Promise<SandboxResponse>;

/** One row of the route table. Patterns match the decoded path; Resource Manager's are case-insensitive. */
export interface Route {
  readonly service: ServiceName;
  readonly method: string;
  readonly pattern: RegExp;
  /** Further condition for requests that share a path, for instance a header. */
  readonly when?: (request: SandboxRequest) => boolean;
  readonly handle: Handler;
}

/** The first route that takes the request, with its path parameters. */
export function findRoute(
  routes: readonly Route[],
  request: SandboxRequest,
): { route: Route; parameters: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== request.method) continue;
    const match = route.pattern.exec(request.path);
    if (match && (route.when === undefined || route.when(request))) {
      return { route, parameters: { ...match.groups } };
    }
  }
  return undefined;
}

/** The service a request belongs to, also when its method is wrong or its path unknown. */
export function serviceOf(routes: readonly Route[], request: SandboxRequest): ServiceName {
  const found = findRoute(routes, request)?.route ?? routes.find(({ pattern }) => pattern.test(request.path));
  return found?.service ?? 'resource-manager';
}
