import type { Clock } from './clock.js';
import {
  CredentialError,
  PermissionError,
  SourceError,
  ThrottledError,
  TransientSourceError,
  UnavailableError,
} from './errors.js';

/** How a check ended, by what its reader must do. */
export type CheckOutcome =
  | 'ok'
  /** There was nothing to ask, or no way to. */
  | 'not-asked'
  | 'missing-role'
  /** A lasting reason that is nobody's failure, e.g. an offer without costs. */
  | 'unavailable'
  | 'quota-used-up'
  | 'unreachable'
  | 'credential-refused'
  | 'failed';

/** A role to assign, and on what. */
export interface RoleGrant {
  role: string;
  /** As Azure Resource Manager writes scopes, e.g. `/subscriptions/1111…`. */
  scope: string;
}

/** What one small request proved. */
export interface CheckResult {
  /** What was asked, e.g. `subscription 1111…`; empty where it is the connector as a whole. */
  subject: string;
  outcome: CheckOutcome;
  /** One sentence: what works, or why it does not. */
  reason: string;
  /** What to do about it; null when there is nothing to do. */
  action: string | null;
  /** The role whose absence is the reason; null for every other reason. */
  grant: RoleGrant | null;
}

/** One request of a check. */
export interface CheckQuestion {
  subject: string;
  /** Where the role is to be granted if it is the reason. */
  scope: string;
}

/** Nobody watches a terminal for longer; retries of a read may take minutes. */
const PATIENCE_MS = 30_000;

/** The scope of a subscription in Azure Resource Manager's words. */
export function subscriptionScope(subscriptionId: string): string {
  // It ends up in a command that people paste into a shell.
  return `/subscriptions/${encodeURIComponent(subscriptionId)}`;
}

/** The scope above all subscriptions of a tenant: its root management group, which has the tenant's own id. */
export function tenantScope(azureTenantId: string): string {
  return `/providers/Microsoft.Management/managementGroups/${azureTenantId}`;
}

/** A check that found what it looked for. */
export function passed(subject: string, reason: string): CheckResult {
  return { subject, outcome: 'ok', reason, action: null, grant: null };
}

/** What there was no need, or no way, to make. */
export function notAsked(subject: string, reason: string, action: string | null = null): CheckResult {
  return { subject, outcome: 'not-asked', reason, action, grant: null };
}

/**
 * Asks once, in a context that gives up after half a minute. `ask` answers the sentence that tells what works; what it
 * throws becomes a result, never an exception.
 */
export async function checked<C extends { clock: Clock; signal: AbortSignal }>(
  question: CheckQuestion,
  context: C,
  ask: (context: C) => Promise<string>,
): Promise<CheckResult> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    return passed(question.subject, await ask({ ...context, signal }));
  } catch (error) {
    return refused(question, error, context.clock.now());
  }
}

/** What an error says about the thing that was asked. */
export function refused({ subject, scope }: CheckQuestion, error: unknown, now: Date): CheckResult {
  const result = (outcome: CheckOutcome, reason: string, action: string | null): CheckResult => ({
    subject,
    outcome,
    reason,
    action,
    grant: error instanceof PermissionError ? { role: error.missingRole, scope } : null,
  });
  if (error instanceof PermissionError) return result('missing-role', error.message, error.action);
  if (error instanceof CredentialError) return result('credential-refused', error.message, error.action);
  if (error instanceof UnavailableError) return result('unavailable', error.message, error.action);
  if (error instanceof ThrottledError) {
    const until = new Date(now.getTime() + error.retryAfterMs).toISOString().slice(11, 19);
    return result('quota-used-up', `Quota used up until ${until} UTC. ${error.message}`, 'Ask again then.');
  }
  if (error instanceof TransientSourceError) return result('unreachable', error.message, NETWORK);
  if (error instanceof SourceError) return result('failed', error.message, error.action);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return result('unreachable', `No answer within ${PATIENCE_MS / 1000} seconds.`, NETWORK);
  }
  return result('failed', error instanceof Error ? error.message : String(error), null);
}

const NETWORK = 'Check the way from this machine to Azure: proxy, firewall, DNS, private endpoints.';

/** Whether asking the next subscription is pointless: the same would be answered. */
export function concernsAll({ outcome }: CheckResult): boolean {
  return outcome === 'unreachable' || outcome === 'credential-refused' || outcome === 'quota-used-up';
}
