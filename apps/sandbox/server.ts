import { wasteRoutes } from './admin/waste-route.js';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, systemClock } from '#core/clock.js';
import { AdvisorBook } from './advisor/advisor-book.js';
import { AdvisorEndpoint } from './advisor/advisor-endpoint.js';
import { adminRoutes } from './admin/admin-routes.js';
import { createAdminServer } from './admin/admin-server.js';
import { exportAdminRoutes } from './admin/export-routes.js';
import { monitorAdminRoutes } from './admin/monitor-routes.js';
import { ChargeCommands } from './admin/charge-commands.js';
import { FaultRegistry } from './http/fault-registry.js';
import { RequestLog } from './http/request-log.js';
import { ChargeGenerator } from './cost-management/charge-generator.js';
import { ChargeOverrides } from './cost-management/charge-overrides.js';
import { CostQueryEndpoint } from './cost-management/query-endpoint.js';
import { QueryThrottle } from './cost-management/query-throttle.js';
import { LAKE_ACCOUNT, LakeEndpoint } from './data-lake/lake-endpoint.js';
import { LakeStore } from './data-lake/lake-store.js';
import { BearerTokens } from './entra/bearer-tokens.js';
import { EntraEndpoint } from './entra/entra-endpoint.js';
import { FederatedIdentity } from './entra/federated-identity.js';
import { ManagedIdentityEndpoint } from './entra/managed-identity.js';
import { SigningKeys } from './entra/signing-keys.js';
import { API_AUDIENCE, TokenIssuer } from './entra/token-issuer.js';
import { EstateClock } from './estate/estate-clock.js';
import { Estate } from './estate/estate.js';
import { RESOURCES_PER_MACHINE, ResourceGenerator } from './estate/resource-generator.js';
import { ResourceIndex } from './estate/resource-index.js';
import { skuRoutes } from './compute/skus-endpoint.js';
import { createAzureServer, createMachineServer } from './http/azure-server.js';
import type { Route } from './http/router.js';
import { MetricsAccessCheck } from './monitor/metrics-access.js';
import { MetricsBatchEndpoint } from './monitor/metrics-batch-endpoint.js';
import { MetricsEndpoint } from './monitor/metrics-endpoint.js';
import { MetricsTruth } from './monitor/metrics-truth.js';
import { MonitorSettings } from './monitor/monitor-settings.js';
import { GraphThrottle } from './resource-graph/graph-throttle.js';
import { ResourceGraphEndpoint } from './resource-graph/graph-endpoint.js';
import { retailPriceRoutes } from './retail-prices/prices-endpoint.js';
import { ArmThrottle } from './resource-manager/arm-throttle.js';
import { subscriptionRoutes } from './resource-manager/subscription-endpoint.js';
import { loadOrCreateCertificates } from './tls/certificates.js';
import { HOST, listen, stop } from './listener.js';
import { historyStart, writeFileAtomically } from './sandbox-file.js';

/** How a sandbox is set up; everything but the folder has a default. */
export interface SandboxOptions {
  /** Certificates, keys, the lake and sandbox.json are kept in `sandbox/` below this folder. */
  readonly dataDir: string;
  /** Under which it is reached; any other than localhost makes the HTTPS port listen for other machines. */
  readonly hostname?: string;
  readonly port?: number;
  readonly adminPort?: number;
  /** Of the plain HTTP port where a machine in Azure would find its identity. */
  readonly identityPort?: number;
  readonly seed?: number;
  readonly tenants?: number;
  /** Per tenant. */
  readonly subscriptions?: number;
  /** Subscriptions in a page of their list. */
  readonly subscriptionsPage?: number;
  /** Per subscription. */
  readonly resources?: number;
  /** Virtual machines per subscription, exactly; each brings a disk and a network card, all within `resources`. */
  readonly vms?: number;
  /** Days of cost history before the first start. */
  readonly days?: number;
  readonly emptySubscriptions?: number;
  /** Waste of every kind, besides `resources`, and what looks like it. */
  readonly planted?: boolean;
  /** Where the estate clock stands; it follows the wall clock when left out. */
  readonly now?: Date;
  readonly latencyMs?: number;
  /** Real time: of tokens, certificates and rate limits. */
  readonly wallClock?: Clock;
}

/** What a client has to know; written to sandbox.json. */
export interface SandboxDescription {
  readonly url: string;
  readonly adminUrl: string;
  readonly caFile: string;
  readonly pid: number;
  readonly homeTenantId: string;
  readonly tenants: readonly {
    readonly tenantId: string;
    readonly displayName: string;
    /** User names end in it: `admin@…`, `approver@…`, `reader@…`. */
    readonly domain: string;
    readonly type: 'internal' | 'external';
    readonly subscriptions: readonly { readonly subscriptionId: string; readonly displayName: string }[];
  }[];
  readonly application: { readonly clientId: string; readonly clientSecret: string };
  /** What App Service sets as `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`. */
  readonly identityEndpoint: string;
  readonly identityHeader: string;
  /** What stands for the instance metadata service: `AZURE_POD_IDENTITY_AUTHORITY_HOST`. */
  readonly podIdentityHost: string;
  /** Client id of the one identity both know. */
  readonly managedIdentityClientId: string;
  /** What a cluster sets as `AZURE_FEDERATED_TOKEN_FILE`. */
  readonly federatedTokenFile: string;
  readonly audience: string;
  readonly issuerTemplate: string;
  readonly rawStorageUrl: string;
  /** Address of the metrics data plane; `{region}` stands for the resources' region. */
  readonly metricsUrlTemplate: string;
  /** Address of the public price list. */
  readonly retailPricesUrl: string;
}

/** A running sandbox. */
export interface Sandbox extends SandboxDescription {
  close(): Promise<void>;
}

/** Starts a sandbox and writes its description. Throws an `Error` with a one-line message. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const wall = options.wallClock ?? systemClock;
  const folder = path.resolve(options.dataDir, 'sandbox');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const hostname = options.hostname ?? 'localhost';
  const certificate = await loadOrCreateCertificates(folder, hostname, wall.now());
  const keys = await SigningKeys.open(folder);
  const seed = options.seed ?? 1;
  if ((options.vms ?? 0) * RESOURCES_PER_MACHINE > (options.resources ?? 200)) {
    throw new Error(`--vms ${options.vms}: each needs ${RESOURCES_PER_MACHINE} of a subscription's resources`);
  }
  const estate = new Estate({
    seed,
    tenants: options.tenants ?? 2,
    subscriptions: options.subscriptions ?? 3,
    resources: options.resources ?? 200,
    machines: options.vms,
    emptySubscriptions: options.emptySubscriptions ?? 0,
    planted: options.planted,
  });
  const clock = new EstateClock(wall, options.now);
  const historyFrom = await historyStart(folder, seed, options.days ?? 120, clock.today());
  let url = '';

  const issuer = new TokenIssuer(estate, keys, wall, () => url);
  const tokens = new BearerTokens(estate, keys, issuer, wall);
  const federation = new FederatedIdentity(keys.current, wall, () => url);
  const machine = new ManagedIdentityEndpoint(estate, issuer);
  const resources = new ResourceGenerator(estate.size.resources, estate.size.machines, estate.size.planted);
  const overrides = new ChargeOverrides();
  const charges = new ChargeGenerator(resources, overrides, historyFrom);
  const costThrottle = new QueryThrottle(wall);
  const graphThrottle = new GraphThrottle(wall);
  const armThrottle = new ArmThrottle(wall);
  const costQueries = new CostQueryEndpoint(estate, clock, charges, overrides, costThrottle, tokens);
  const index = new ResourceIndex(resources);
  const advisor = new AdvisorBook(resources, clock);
  const monitor = new MonitorSettings(wall);
  const metricsAccess = new MetricsAccessCheck(estate, tokens, monitor);
  const resourceGraph = new ResourceGraphEndpoint(estate, clock, resources, advisor, graphThrottle, tokens);
  const lake = new LakeStore(path.join(folder, 'lake'));
  const faults = new FaultRegistry();
  const log = new RequestLog();
  const routes: Route[] = [
    ...new LakeEndpoint(lake, estate, tokens).routes,
    ...new EntraEndpoint(estate, keys, issuer, federation, wall).routes,
    ...subscriptionRoutes(estate, tokens, options.subscriptionsPage ?? 1000),
    ...resourceGraph.routes,
    ...costQueries.routes,
    ...new AdvisorEndpoint(estate, clock, advisor, tokens).routes,
    ...new MetricsBatchEndpoint(estate, clock, index, metricsAccess, monitor).routes,
    ...new MetricsEndpoint(estate, clock, index, tokens).routes,
    ...retailPriceRoutes(),
    ...skuRoutes(estate, tokens),
  ];
  const serverParts = {
    seed,
    clock: wall,
    latencyMs: options.latencyMs ?? 0,
    routes,
    faults,
    log,
    armThrottle,
    baseUrl: () => url,
  };
  const azure = createAzureServer(certificate, serverParts);
  const identity = createMachineServer({ ...serverParts, routes: machine.routes });
  const admin = createAdminServer([
    ...adminRoutes({
      estate,
      clock,
      faults,
      log,
      charges: new ChargeCommands(estate, clock, charges, overrides),
      keys,
      costQueries,
      resourceGraph,
      costThrottle,
      throttles: {
        costManagement: costThrottle,
        resourceGraph: graphThrottle,
        resourceManager: armThrottle,
        monitor: monitor.throttle,
      },
      description: () => description,
    }),
    ...exportAdminRoutes(estate, clock, charges, lake),
    ...wasteRoutes(estate, clock, resources),
    ...monitorAdminRoutes(estate, monitor, new MetricsTruth(estate, clock, index)),
  ]);
  const servers = [azure, admin, identity];
  const stopAll = async (): Promise<void> => void (await Promise.all(servers.map(stop)));
  const start = (server: (typeof servers)[number], port = 0, host = HOST): Promise<number> =>
    listen(server, port, host).catch(async (error: unknown) => {
      await stopAll();
      throw error;
    });
  const everywhere = hostname === 'localhost' ? HOST : '0.0.0.0';
  url = `https://${hostname}:${await start(azure, options.port, everywhere)}`;
  const adminPort = await start(admin, options.adminPort);
  const podIdentityHost = `http://${HOST}:${await start(identity, options.identityPort)}`;
  const federatedTokenFile = path.join(folder, 'federated-token');
  await writeFileAtomically(federatedTokenFile, await federation.projectedToken());
  const description: SandboxDescription = {
    ...describe(estate, url, `http://${HOST}:${adminPort}`, certificate.caFile),
    identityEndpoint: machine.endpointAt(podIdentityHost),
    identityHeader: machine.header,
    podIdentityHost,
    managedIdentityClientId: machine.identity.clientId,
    federatedTokenFile,
  };
  await writeFileAtomically(path.join(folder, 'sandbox.json'), JSON.stringify(description, undefined, 2));
  return {
    ...description,
    close: stopAll,
  };
}

type EstateDescription = Omit<
  SandboxDescription,
  'identityEndpoint' | 'identityHeader' | 'podIdentityHost' | 'managedIdentityClientId' | 'federatedTokenFile'
>;

function describe(estate: Estate, url: string, adminUrl: string, caFile: string): EstateDescription {
  const { clientId, clientSecret } = estate.application;
  return {
    url,
    adminUrl,
    caFile,
    pid: process.pid,
    homeTenantId: estate.homeTenant.tenantId,
    tenants: estate.tenants.map(({ tenantId, displayName, domain, type, subscriptions }) => ({
      tenantId,
      displayName,
      domain,
      type,
      subscriptions: subscriptions.map((item) => ({
        subscriptionId: item.subscriptionId,
        displayName: item.displayName,
      })),
    })),
    application: { clientId, clientSecret },
    audience: API_AUDIENCE,
    issuerTemplate: `${url}/{tenantid}/v2.0`,
    rawStorageUrl: `${url}/${LAKE_ACCOUNT}/raw`,
    metricsUrlTemplate: `${url}/metrics/{region}`,
    retailPricesUrl: url,
  };
}
