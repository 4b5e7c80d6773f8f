import {
  CredentialError,
  PermissionError,
  SourceRejectedError,
  UnavailableError,
  type SourceError,
} from '#core/errors.js';
import { GroupingRefusedError, MetricRefusedError, ResponseTooLargeError } from './refusals.js';

/** The role that a call needs and where, named when Azure says that it is missing. */
export interface AccessNeed {
  role: string;
  /** Human name of the scope, e.g. `subscription 1111…`. */
  scope: string;
}

/** Azure's own account of a refusal. */
export interface AzureRefusal {
  code: string;
  message: string;
}

interface UnavailableReason {
  matches: (refusal: AzureRefusal) => boolean;
  reason: string;
  action: string | ((refusal: AzureRefusal, need: AccessNeed) => string);
  /** Whether nobody can change it; otherwise every run asks again. */
  lasting: boolean;
}

const byCode =
  (...codes: string[]) =>
  ({ code }: AzureRefusal) =>
    codes.includes(code);
const byMessage =
  (pattern: RegExp) =>
  ({ message }: AzureRefusal) =>
    pattern.test(message);

/**
 * Refusals that are nobody's failure: Azure cannot serve the scope at all.
 * Source: Cost Management error codes, and messages recorded where the code is only a number.
 */
const UNAVAILABLE_REASONS: readonly UnavailableReason[] = [
  {
    matches: byCode(
      'AccountCostDisabled',
      'SubscriptionCostDisabled',
      'DepartmentCostDisabled',
      'IndirectCostDisabled',
    ),
    reason: 'Viewing costs is switched off for this billing account',
    action:
      'Let the billing administrator switch on "view charges" for account owners and departments (or, for a partner ' +
      'subscription, let the partner publish prices).',
    lasting: false,
  },
  {
    matches: byMessage(/definition type '?AmortizedCost|amortized ?cost.*not (supported|available)/i),
    reason: 'Amortized costs do not exist for the offer of this subscription',
    action: 'Nothing to do: actual costs are used alone.',
    lasting: true,
  },
  {
    matches: (refusal) =>
      byCode('DisallowedOperation')(refusal) ||
      byMessage(
        /supports only Enterprise Agreement|offer\b.*\bis not supported|valid WebDirect\/AIRS offer|data is not supported for subscription|query usage is not supported for the scope|does not have any valid subscriptions|Invalid definition type/is,
      )(refusal),
    reason: 'The offer of this subscription has no cost data in Cost Management',
    action: 'Nothing to do in AzCops: bring the costs of this subscription in from cost files if you have them.',
    lasting: true,
  },
  {
    matches: (refusal) =>
      byCode('MissingSubscriptionRegistration', 'SubscriptionNotRegistered')(refusal) ||
      byMessage(/not registered (to use|for|with)/i)(refusal),
    reason: 'The subscription has not registered the resource provider',
    action: ({ message }, { scope }) => {
      const namespace = /namespace '([\w.]+)'/i.exec(message)?.[1] ?? '<the provider that the message names>';
      const subscription = /^subscription ([\w-]+)$/.exec(scope)?.[1] ?? '<id>';
      return `Register it once: az provider register --namespace ${namespace} --subscription ${subscription}`;
    },
    lasting: false,
  },
  {
    matches: byCode('SubscriptionNotFound', 'BillingSubscriptionNotFound'),
    reason: 'Azure does not know this subscription here (a new one takes up to 48 hours to appear)',
    action: 'Nothing to do for a new subscription. For an older one: check that it still belongs to this tenant.',
    lasting: false,
  },
];

/** A provider's own refusals; those of the token itself are told by Resource Manager, under other codes. */
const MISSING_ROLE_CODES = new Set([
  'AuthorizationFailed',
  'LinkedAuthorizationFailed',
  'RBACAccessDenied',
  'BillingAccessDenied',
  'AccessDenied',
  'Unauthorized',
]);

/**
 * The error that a refused request (any 4xx, or a redirect) stands for, by what its reader must do. This is the only
 * place that reads Azure's error bodies. `url` must already be safe to print.
 */
export function refusalError(status: number, body: Uint8Array, need: AccessNeed | null, url: string): SourceError {
  const refusal = readRefusal(status, body);
  const code = refusal.code === String(status) ? '' : ` ${refusal.code}`;
  const said = `Azure answered ${status}${code}: ${refusal.message}`;
  if (need === null) return openSourceRefusal(status, said, url);
  const unavailable = UNAVAILABLE_REASONS.find(({ matches }) => matches(refusal));
  if (unavailable) {
    const { reason, action, lasting } = unavailable;
    const advice = typeof action === 'string' ? action : action(refusal, need);
    return new UnavailableError(`${reason}. ${said}`, advice, { lasting });
  }
  if (status === 403 || (status === 401 && MISSING_ROLE_CODES.has(refusal.code))) {
    return new PermissionError(`The role "${need.role}" is missing on ${need.scope}. ${said}`, need.role, need.scope);
  }
  // A token of the right tenant is refused for a subscription that has moved away; elsewhere the token itself is wrong.
  if (refusal.code === 'InvalidAuthenticationTokenTenant' && /\/subscriptions\/[^/?]+\//i.test(url)) {
    return new UnavailableError(
      `The subscription has moved to another tenant. ${said}`,
      'Register the tenant that it belongs to now; what was read of it until then stays.',
    );
  }
  if (status === 401) return credentialRefusal(refusal, said);
  if (/^Response(Payload)?TooLarge$/i.test(refusal.code) || status === 413) {
    return new ResponseTooLargeError(`The answer would be too large. ${said}`);
  }
  const metric = /failed to find metric configuration for provider.*?, metric: (.+?), valid metrics/is.exec(
    refusal.message,
  )?.[1];
  if (status === 400 && metric) return new MetricRefusedError(metric.trim(), said);
  if (status === 400 && /\bgroup(ing|ings|by)\b/i.test(refusal.message)) {
    return new GroupingRefusedError(`The dimensions are refused. ${said}`);
  }
  return new SourceRejectedError(
    `The request ${url} is refused. ${said}`,
    'Trying again does not help. Check that the scope still exists; otherwise report this message as a defect.',
  );
}

/** What asks nobody to sign in has no role to grant: whoever forbids it stands in between. */
function openSourceRefusal(status: number, said: string, url: string): SourceRejectedError {
  const isForbidden = status === 401 || status === 403 || status === 407;
  return new SourceRejectedError(
    `The request ${url} is refused. ${said}`,
    isForbidden
      ? 'Nobody has to sign in there: check the proxy or firewall between this machine and Azure.'
      : 'Trying again does not help: report this message as a defect.',
  );
}

function credentialRefusal({ code }: AzureRefusal, said: string): CredentialError {
  if (code === 'InvalidAuthenticationTokenTenant') {
    return new CredentialError(
      `The scope belongs to another tenant than the token. ${said}`,
      'Register the subscription under the tenant it now belongs to.',
    );
  }
  return new CredentialError(
    `The token is not accepted. ${said}`,
    'Check the clock of this machine, AZURE_AUTHORITY_HOST and the credential of the tenant.',
  );
}

/**
 * Code and message of an error body: the usual envelope `{error: {code, message, details}}`, the capitalised one of
 * Retail Prices, the flat variant `{code, message}` of Monitor, or neither (a proxy's page). Numeric codes such as `"400"`
 * are kept as they are.
 */
export function readRefusal(status: number, body: Uint8Array): AzureRefusal {
  const root = parseObject(new TextDecoder().decode(body));
  const error = asObject(root?.['error']) ?? capitalised(root) ?? root;
  const details = Array.isArray(error?.['details']) ? error['details'].map(asObject) : [];
  const messages = [error, ...details].map((part) => textOf(part?.['message'])).filter((text) => text !== '');
  return {
    code: textOf(error?.['code']) || String(status),
    message: presentable(messages.join(' ')) || 'no explanation',
  };
}

function capitalised(root: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const error = asObject(root?.['Error']);
  return error && { code: error['Code'], message: error['Message'] };
}

/** One line without what only Azure's support needs, and without anything that looks like a token or signature. */
function presentable(text: string): string {
  return text
    .replace(/\(Request ID: [^)]*\)/gi, '')
    .replace(/eyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '…')
    .replace(/\b(sig|code|access_token|client_secret)=[^&\s]+/gi, '$1=…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 600);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
