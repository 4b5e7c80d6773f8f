import {
  type IncomingMessage,
  type Server as MachineServer,
  type ServerResponse,
  createServer as createHttpServer,
} from 'node:http';
import { type Server, createServer } from 'node:https';
import type { Clock } from '#core/clock.js';
import type { FaultEffect } from './fault.js';
import type { FaultRegistry, FaultTarget } from './fault-registry.js';
import type { RequestLog } from './request-log.js';
import { guidOf } from '../estate/seeded-random.js';
import type { ServerCertificate } from '../tls/certificates.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, azureError } from './exchange.js';
import { claimedPrincipal, readRequest } from './request-reader.js';
import { type ArmThrottle, type Principal } from '../resource-manager/arm-throttle.js';
import { requireAnyApiVersion, unknownRoute } from '../resource-manager/unknown-route.js';
import { faultAnswer, isMetricsBatch } from './fault-answers.js';
import { falsifyPage } from './page-faults.js';
import { pagedAnswer } from './paged-answer.js';
import { type Route, type ServiceName, findRoute, serviceOf } from './router.js';

/** What the HTTPS front needs to answer for all services. */
export interface AzureServerParts {
  readonly seed: number;
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly routes: readonly Route[];
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
  readonly armThrottle: ArmThrottle;
  /** Base URL the sandbox presents itself under. */
  readonly baseUrl: () => string;
}

/** Headers Resource Manager puts on every answer. */
const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache',
  pragma: 'no-cache',
  expires: '-1',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};
const BEHIND_RESOURCE_MANAGER: readonly ServiceName[] = [
  'resource-manager',
  'resource-graph',
  'cost-management',
  'advisor',
  'monitor',
];

/** Azure's front doors keep idle connections for minutes; Node's five seconds would cut off a client that is busy. */
const KEEP_ALIVE_MS = 65_000;

/** The HTTPS server in front of every service: reads, applies faults, routes, writes and logs. */
export function createAzureServer(certificate: ServerCertificate, parts: AzureServerParts): Server {
  return createServer(
    {
      key: certificate.privateKey,
      cert: `${certificate.certificate.trim()}\n${certificate.ca}`,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    listenerOf('request', parts),
  );
}

/** The same over plain HTTP, for what a machine in Azure asks of itself. */
export function createMachineServer(parts: AzureServerParts): MachineServer {
  return createHttpServer(listenerOf('machine-request', parts));
}

function listenerOf(
  name: string,
  parts: AzureServerParts,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  let count = 0;
  return (incoming, outgoing) => {
    const requestId = guidOf(parts.seed, name, ++count);
    answer(parts, requestId, incoming, outgoing).catch(() => outgoing.destroy());
  };
}

async function answer(
  parts: AzureServerParts,
  requestId: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const startedAt = parts.clock.now();
  const request = await readRequest(incoming, parts.baseUrl(), requestId);
  const service = serviceOf(parts.routes, request);
  const principal = claimedPrincipal(request);
  const tenantId = principal?.tenantId;
  Object.assign(request.notes, principal);
  const target = { service, request, tenantId };
  const fault = parts.faults.take(target);
  const waitMs = parts.latencyMs + (fault?.delayMs ?? 0);
  if (waitMs > 0) await parts.clock.sleep(waitMs);

  const substitute = fault && faultAnswer(fault, { service, request, now: parts.clock.now() });
  const real = substitute ?? (await handle(parts, service, request, principal));
  const { response: answered, fault: pageFault } = substitute
    ? { response: real }
    : withPageFaults(parts, target, real);
  const response = withHeaders(service, request, startedAt, answered);
  write(outgoing, request, response, fault);
  parts.log.add({
    time: startedAt.toISOString(),
    durationMs: parts.clock.now().getTime() - startedAt.getTime(),
    service,
    method: request.method,
    path: request.path,
    query: Object.fromEntries(request.query),
    status: fault?.hangUp ? 0 : response.status,
    requestId,
    clientRequestId: headerText(request, 'x-ms-client-request-id'),
    clientType: headerText(request, 'clienttype'),
    fault: (fault ?? pageFault)?.id,
    ...request.notes,
  });
}

async function handle(
  parts: AzureServerParts,
  service: ServiceName,
  request: SandboxRequest,
  principal: Principal | undefined,
): Promise<SandboxResponse> {
  let counters: Readonly<Record<string, string>> = {};
  try {
    if (isBehindResourceManager(service, request)) {
      requireAnyApiVersion(request);
      counters = parts.armThrottle.admit(service, request, principal);
    }
    const found = findRoute(parts.routes, request);
    if (!found) throw unknownRoute(parts.routes, request);
    const response = await found.route.handle(request, found.parameters);
    return { ...response, headers: { ...counters, ...response.headers } };
  } catch (error) {
    const { response } =
      error instanceof ServiceError
        ? error
        : azureError(500, 'InternalServerError', `The sandbox failed: ${(error as Error).message}`);
    return { ...response, headers: { ...counters, ...response.headers } };
  }
}

function isBehindResourceManager(service: ServiceName, { path }: SandboxRequest): boolean {
  return BEHIND_RESOURCE_MANAGER.includes(service) && !isMetricsBatch(path);
}

function withPageFaults(
  { faults }: AzureServerParts,
  target: FaultTarget,
  response: SandboxResponse,
): { response: SandboxResponse; fault?: FaultEffect } {
  if (!faults.watchesPages(target)) return { response };
  const { service, request } = target;
  const paged = pagedAnswer(service, request, response);
  if (!paged) return { response };
  const fault = faults.takePage(target, paged);
  faults.memory.remember(paged);
  return { response: fault ? falsifyPage(fault, request, paged, faults.memory) : response, fault };
}

function withHeaders(
  service: ServiceName,
  request: SandboxRequest,
  time: Date,
  response: SandboxResponse,
): SandboxResponse {
  const headers: Record<string, string> = { ...COMMON_HEADERS, 'x-ms-request-id': request.requestId };
  const clientRequestId = headerText(request, 'x-ms-client-request-id');
  if (isBehindResourceManager(service, request)) {
    headers['x-ms-correlation-request-id'] = request.requestId;
    headers['x-ms-routing-request-id'] =
      `WESTEUROPE:${time.toISOString().replace(/[-:]|\.\d+/g, '')}:${request.requestId}`;
  }
  if (service === 'monitor') headers['x-ms-request-id'] = `{${request.requestId}}`;
  if (service === 'data-lake') headers['x-ms-version'] = headerText(request, 'x-ms-version') ?? '2023-11-03';
  if (clientRequestId !== undefined) headers['x-ms-client-request-id'] = clientRequestId;
  return { ...response, headers: { ...headers, ...response.headers } };
}

function write(
  outgoing: ServerResponse,
  request: SandboxRequest,
  response: SandboxResponse,
  fault: FaultEffect | undefined,
): void {
  if (fault?.hangUp) {
    outgoing.destroy();
    return;
  }
  // Answers made of bytes can be large; they are written as they are.
  let body = Buffer.isBuffer(response.body) ? response.body : Buffer.from(response.body ?? '');
  if (fault?.malformed) body = body.subarray(0, Math.max(1, Math.floor(body.length * 0.7)));
  const hasBody = response.status !== 204 && request.method !== 'HEAD';
  const length = hasBody ? { 'content-length': String(body.length) } : {};
  outgoing.writeHead(response.status, { ...response.headers, ...length });
  if (!hasBody) outgoing.end();
  else if (fault?.truncate) {
    // The promised length is never reached: the connection breaks once half the body is out.
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
  } else outgoing.end(body);
}

function headerText(request: SandboxRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
