import { CredentialError, TransientSourceError } from '#core/errors.js';

/** What the last exchange with Entra ID showed; null where it did not get that far. */
export interface IdentityExchange {
  status: number | null;
  body: string | null;
  /** Network error code, e.g. `ECONNREFUSED`. */
  networkCode: string | null;
}

/** Where a token was asked for, in the words of whoever configures it. */
export interface IdentityTarget {
  /** e.g. `credential "partner"` or `the default credential`. */
  credential: string;
  /** What the names of its variables begin with: `AZURE`, or `AZURE_CREDENTIAL_PARTNER`. */
  variables: string;
  azureTenantId: string | null;
  authorityHost: string;
}

interface Explanation {
  what: string;
  action: string;
}

/** Entra ID's numbered refusals that an admin can act on. Source: Microsoft Entra authentication error codes. */
const REFUSALS: Record<string, Explanation> = {
  '7000215': {
    what: 'The client secret is wrong',
    action: 'Set AZURE_CLIENT_SECRET to the value (not the id) of a valid secret of the application.',
  },
  '7000222': {
    what: 'The client secret has expired',
    action: 'Create a new client secret for the application and set AZURE_CLIENT_SECRET to its value.',
  },
  '700016': {
    what: 'The application is not known in the tenant',
    action: 'Check AZURE_CLIENT_ID, and that the application has been consented to in the tenant.',
  },
  '90002': { what: 'The tenant does not exist', action: 'Check the Azure tenant id that is registered.' },
  '900023': { what: 'The tenant id is malformed', action: 'Check the Azure tenant id that is registered.' },
  '700213': {
    what: 'No federated identity credential matches the presented token',
    action: 'Check issuer, subject and audience of the federated credential of the application.',
  },
  '70021': {
    what: 'No federated identity credential matches the presented token',
    action: 'Check issuer, subject and audience of the federated credential of the application.',
  },
  '700024': {
    what: 'The federated token has expired',
    action: 'Check that the token file is renewed, and the clock of this machine.',
  },
  '7000112': { what: 'The application is disabled', action: 'Enable the enterprise application in the tenant.' },
  '53003': {
    what: 'Conditional access blocks the application',
    action: 'Allow the application (or the address it comes from) in the conditional access policy.',
  },
};

/**
 * A failed token request as `CredentialError` (the credential is refused or missing) or `TransientSourceError`
 * (Entra ID was out of reach or busy). Never carries a secret, a token or an assertion.
 */
export function identityError(
  cause: unknown,
  exchange: IdentityExchange,
  target: IdentityTarget,
): CredentialError | TransientSourceError {
  const status = exchange.status ?? statusOf(cause);
  const where = target.azureTenantId ? ` for tenant ${target.azureTenantId}` : '';
  if (exchange.networkCode !== null) {
    return new TransientSourceError(
      `No token${where}: ${target.authorityHost} is out of reach (${exchange.networkCode}).`,
      { cause },
    );
  }
  if (status !== null && (status === 408 || status === 429 || status >= 500)) {
    return new TransientSourceError(`No token${where}: ${target.authorityHost} answered ${status}.`, { cause });
  }
  const code = aadstsCode(exchange.body) ?? aadstsCode(cause instanceof Error ? cause.message : null);
  const known = code === null ? undefined : REFUSALS[code];
  const detail = known
    ? `${known.what} (AADSTS${code})`
    : code !== null
      ? `Entra ID refused it with AADSTS${code}`
      : unavailableReason(cause, status);
  return new CredentialError(
    `No token${where} with ${target.credential}: ${detail}.`,
    known?.action.replaceAll('AZURE_CLIENT_', `${target.variables}_CLIENT_`) ??
      'Check tenant id, client id and secret (or federated token file) of the credential.',
    { cause },
  );
}

function aadstsCode(text: string | null): string | null {
  return /AADSTS(\d+)/.exec(text ?? '')?.[1] ?? null;
}

/** The identity library keeps the status of a refused request on its cause. */
function statusOf(cause: unknown): number | null {
  const inner = cause instanceof Error ? (cause.cause as { status?: unknown } | undefined) : undefined;
  return typeof inner?.status === 'number' ? inner.status : null;
}

function unavailableReason(cause: unknown, status: number | null): string {
  if (status !== null) return `Entra ID answered ${status}`;
  const code = cause instanceof Error ? (cause.cause as { code?: unknown } | undefined)?.code : undefined;
  if (code === 'ENOENT' || code === 'EACCES') return `the federated token file cannot be read (${code})`;
  if (cause instanceof Error && cause.name === 'AggregateAuthenticationError') {
    return 'neither environment, workload identity, managed identity nor a developer sign-in gave one';
  }
  return 'the credential is not usable';
}
