import { ClientSecretCredential, DefaultAzureCredential, WorkloadIdentityCredential } from '@azure/identity';
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from '#core/clock.js';
import { CredentialError } from '#core/errors.js';
import { identityError, type IdentityExchange } from './identity-errors.js';
import { TokenCache } from './token-cache.js';

/** One application's way to prove who it is; all fields empty means whatever the machine offers. */
export interface CredentialOptions {
  tenantId?: string | undefined;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  federatedTokenFile?: string | undefined;
}

export interface IdentityOptions {
  /** e.g. `https://login.microsoftonline.com`; must be https. */
  authorityHost: string;
  clock: Clock;
  /** What the names of the credential's variables begin with; `AZURE` by default. */
  variables?: string;
  /** Replaces the network in tests. */
  httpClient?: HttpClient | undefined;
}

/**
 * Authorities that Microsoft's instance discovery knows. For any other the identity library would first ask
 * login.microsoftonline.com whether the host is genuine, and fail where that is out of reach.
 */
const MICROSOFT_AUTHORITIES = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn',
]);

/** True when the authority is one of Microsoft's public or sovereign sign-in hosts. */
export function isMicrosoftAuthority(authorityHost: string): boolean {
  return URL.canParse(authorityHost) && MICROSOFT_AUTHORITIES.has(new URL(authorityHost).hostname);
}

/**
 * A token source for one tenant: the configured secret, else the federated token file, else what
 * `DefaultAzureCredential` finds. Tokens are cached and fetched once for parallel callers; failures are
 * `CredentialError` or `TransientSourceError`. `label` names the credential in messages.
 */
export function createTokenCache(
  credential: CredentialOptions,
  azureTenantId: string | null,
  label: string,
  { authorityHost, clock, variables = 'AZURE', httpClient }: IdentityOptions,
): TokenCache {
  let exchange: IdentityExchange = { status: null, body: null, networkCode: null };
  const watch: PipelinePolicy = {
    name: 'identityExchangePolicy',
    async sendRequest(request, next) {
      try {
        const response = await next(request);
        exchange = { status: response.status, body: response.bodyAsText ?? null, networkCode: null };
        return response;
      } catch (error) {
        exchange = { status: null, body: null, networkCode: codeOf(error) };
        throw error;
      }
    },
  };
  const options = {
    authorityHost,
    disableInstanceDiscovery: !isMicrosoftAuthority(authorityHost),
    // The caller's retry policy covers token requests too; a second one inside would multiply the attempts.
    retryOptions: { maxRetries: 0 },
    // The identity library hides whether the network or Entra ID refused; the exchange itself does not.
    additionalPolicies: [{ policy: watch, position: 'perRetry' as const }],
    ...(httpClient && { httpClient }),
  };
  let inner: TokenCredential | undefined;
  // The identity library remembers tokens and refusals as well; only a new instance asks anew.
  const reset = () => void (inner = undefined);
  const fetch = async (scopes: string | string[], tokenOptions: GetTokenOptions): Promise<AccessToken> => {
    exchange = { status: null, body: null, networkCode: null };
    try {
      inner ??= createCredential(credential, azureTenantId, options);
      const token = await inner.getToken(scopes, tokenOptions);
      if (token) return token;
      throw new Error('no token was issued');
    } catch (error) {
      reset();
      throw identityError(error, exchange, { credential: label, variables, azureTenantId, authorityHost });
    }
  };
  return new TokenCache({ fetch, reset }, clock);
}

function createCredential(
  { tenantId, clientId, clientSecret, federatedTokenFile }: CredentialOptions,
  azureTenantId: string | null,
  options: { authorityHost: string; disableInstanceDiscovery: boolean },
): TokenCredential {
  const target = azureTenantId ?? tenantId;
  if (clientSecret) return new ClientSecretCredential(target ?? '', clientId ?? '', clientSecret, options);
  if (federatedTokenFile) {
    return new WorkloadIdentityCredential({
      ...options,
      ...(target && { tenantId: target }),
      ...(clientId && { clientId }),
      tokenFilePath: federatedTokenFile,
    });
  }
  return new DefaultAzureCredential({
    ...options,
    ...(target && { tenantId: target }),
    ...(clientId && { managedIdentityClientId: clientId, workloadIdentityClientId: clientId }),
  });
}

/** The credential that a tenant names; throws `CredentialError` when the configuration does not hold it. */
export function credentialByRef(
  credentials: { default: CredentialOptions; byRef: Readonly<Record<string, CredentialOptions>> },
  ref: string | null,
): { credential: CredentialOptions; label: string; variables: string } {
  if (ref === null) return { credential: credentials.default, label: 'the default credential', variables: 'AZURE' };
  const credential = Object.hasOwn(credentials.byRef, ref) ? credentials.byRef[ref] : undefined;
  if (!credential) {
    throw new CredentialError(
      `The tenant names the credential "${ref}", which is not configured.`,
      `Set AZURE_CREDENTIAL_${ref}_CLIENT_ID and its siblings for this process, or change credential_ref of the tenant.`,
    );
  }
  return { credential, label: `the credential "${ref}"`, variables: `AZURE_CREDENTIAL_${ref}` };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'network error';
}
