import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '#core/clock.js';
import type { TargetTenant } from '#core/connector.js';
import { ConfigurationError } from '#core/errors.js';
import type { Logger } from '#core/logger.js';
import type { QuotaBudget, QuotaDraw } from '#core/quota.js';
import { AzureClient, type RequestObservation } from './azure-client.js';
import type { AzureEndpoint } from './azure-request.js';
import { createTokenCache, credentialByRef, type CredentialOptions } from './credentials.js';
import { QuotaGate, type QuotaWait } from './quota-gate.js';
import { tenantDrawsOf, type QuotaPolicy, type QuotaService } from './quotas.js';
import type { TokenCache } from './token-cache.js';
import { applicationOf } from './token-claims.js';

export interface AzureApiOptions {
  /** e.g. `https://management.azure.com`; must be https, because bearer tokens are sent to nothing else. */
  resourceManagerUrl: string;
  /** e.g. `https://{region}.metrics.monitor.azure.com`. */
  metricsUrlTemplate: string;
  /** e.g. `https://prices.azure.com`. */
  retailPricesUrl: string;
  /** e.g. `https://login.microsoftonline.com`; must be https. */
  authorityHost: string;
  /** The process's own credential, and those that tenants name. */
  credentials: { default: CredentialOptions; byRef: Readonly<Record<string, CredentialOptions>> };
  /** Names this application to Cost Management's throttling. */
  clientType: string;
  userAgent: string;
  clock: Clock;
  /** 0 ≤ r < 1; spreads retries. */
  random: () => number;
  logger: Logger;
  /** What may still be asked of Azure, shared by all workers. */
  budget: QuotaBudget;
  quotas: QuotaPolicy;
  /** The longest wait for quota that is sat out; a window with a longer one is handed back. 5,000 by default. */
  inlineWaitLimitMs?: number;
  /** Per attempt, body included; 100,000 by default. */
  requestTimeoutMs?: number;
  /** Decompressed; 64 MiB by default. */
  maxResponseBytes?: number;
  /** Told of every exchange on the wire. */
  onRequest?: (observation: RequestObservation) => void;
  /** Told of every wait for quota. */
  onQuotaWait?: (wait: QuotaWait) => void;
  /** Replaces the network in tests, for tokens too. */
  httpClient?: HttpClient;
}

/** Resource Manager of the public and sovereign clouds; a token's audience is the endpoint itself there. */
const MICROSOFT_ENDPOINTS = new Set([
  'https://management.azure.com',
  'https://management.usgovcloudapi.net',
  'https://management.chinacloudapi.cn',
]);

/** Azure Resource Manager for all tenants of this process; create one per process, since it holds the tokens. */
export class AzureApi {
  readonly #tokens = new Map<string, TokenCache>();
  readonly #clients = new Map<string, AzureClient>();
  readonly #httpClient: HttpClient;

  /** Throws `ConfigurationError` for an endpoint that is not https. */
  constructor(private readonly options: AzureApiOptions) {
    const problems = [
      notHttps('Azure Resource Manager', options.resourceManagerUrl),
      notHttps('the Azure authority', options.authorityHost),
      notHttps('the retail price list', options.retailPricesUrl),
      notHttps('Azure Monitor metrics', options.metricsUrlTemplate.replace('{region}', 'region')),
    ].filter((problem) => problem !== null);
    if (problems.length > 0) throw new ConfigurationError(problems);
    this.#httpClient = options.httpClient ?? createDefaultHttpClient();
  }

  /** The client that reads `tenant` with the credential it names; throws `CredentialError` for an unknown name. */
  forTenant(tenant: TargetTenant): AzureClient {
    const { azureTenantId, credentialRef } = tenant;
    const key = JSON.stringify([azureTenantId, credentialRef]);
    let client = this.#clients.get(key);
    if (!client) {
      client = this.#createClient(tenant, this.#tokenCache(azureTenantId, credentialRef));
      this.#clients.set(key, client);
    }
    return client;
  }

  /** Monitor's data plane of a region: its URL, and the two audiences that it is documented to accept. */
  metricsEndpoints(region: string): AzureEndpoint[] {
    const url = this.options.metricsUrlTemplate.replace('{region}', encodeURIComponent(region));
    const management = scopeOf(this.options.resourceManagerUrl);
    return [metricsScopeOf(management), management].map((scope) => ({ url, scope }));
  }

  /** The public price list, which asks nobody to sign in. */
  retailPricesEndpoint(): AzureEndpoint {
    return { url: this.options.retailPricesUrl, scope: null };
  }

  /** What calls of `service` draw on across a tenant. */
  tenantDraws(service: QuotaService): QuotaDraw[] {
    return tenantDrawsOf(service, this.options.quotas);
  }

  /**
   * Gets a token with the credential that `tenant` names, and answers whose it is; `clientId` is null when neither the
   * configuration nor the token says. Throws `CredentialError` or `TransientSourceError`.
   */
  async signIn(
    { azureTenantId, credentialRef }: TargetTenant,
    abortSignal: AbortSignal,
  ): Promise<{ clientId: string | null; credential: string }> {
    const { credentials, resourceManagerUrl } = this.options;
    const { credential, label } = credentialByRef(credentials, credentialRef);
    const tokens = this.#tokenCache(azureTenantId, credentialRef);
    const { token } = await tokens.getToken(scopeOf(resourceManagerUrl), { abortSignal });
    return { clientId: applicationOf(token) ?? credential.clientId ?? null, credential: label };
  }

  /** The process's own identity, in its own tenant: for storage that belongs to the operator. */
  processCredential(): TokenCredential {
    return this.#tokenCache(this.options.credentials.default.tenantId ?? null, null);
  }

  #tokenCache(azureTenantId: string | null, credentialRef: string | null): TokenCache {
    const key = JSON.stringify([azureTenantId, credentialRef]);
    let tokens = this.#tokens.get(key);
    if (!tokens) {
      const { credential, label, variables } = credentialByRef(this.options.credentials, credentialRef);
      const { authorityHost, clock, httpClient } = this.options;
      tokens = createTokenCache(credential, azureTenantId, label, { authorityHost, clock, variables, httpClient });
      this.#tokens.set(key, tokens);
    }
    return tokens;
  }

  #createClient(tenant: TargetTenant, tokens: TokenCache): AzureClient {
    const { resourceManagerUrl, clientType, userAgent, clock, random, logger } = this.options;
    const inlineWaitLimitMs = this.options.inlineWaitLimitMs ?? 5_000;
    const { budget, quotas, onQuotaWait = () => {} } = this.options;
    const gate = new QuotaGate(tenant.id, { budget, quotas, clock, inlineWaitLimitMs, onQuotaWait });
    return new AzureClient(tenant, tokens, gate, {
      endpoint: resourceManagerUrl,
      scope: scopeOf(resourceManagerUrl),
      clientType,
      userAgent,
      clock,
      random,
      logger,
      inlineWaitLimitMs,
      requestTimeoutMs: this.options.requestTimeoutMs ?? 100_000,
      maxResponseBytes: this.options.maxResponseBytes ?? 64 * 1024 * 1024,
      onRequest: this.options.onRequest ?? (() => {}),
      httpClient: this.#httpClient,
    });
  }
}

function scopeOf(resourceManagerUrl: string): string {
  const { origin } = new URL(resourceManagerUrl);
  return `${MICROSOFT_ENDPOINTS.has(origin) ? origin : 'https://management.azure.com'}/.default`;
}

/** The metrics data plane's own audience: the specification names it, while the current SDK asks for Resource Manager's. */
function metricsScopeOf(managementScope: string): string {
  const cloud = /usgovcloudapi/.test(managementScope) ? 'us' : /chinacloudapi/.test(managementScope) ? 'cn' : 'com';
  return `https://metrics.monitor.azure.${cloud}/.default`;
}

function notHttps(what: string, url: string): string | null {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return null;
  return `The URL of ${what} must be an https:// URL, but is ${JSON.stringify(url)}.`;
}
