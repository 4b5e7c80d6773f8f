import type { CheckOutcome, CheckResult } from '#core/check.js';

/** A result under the name of what was checked. */
export interface NamedCheck extends CheckResult {
  /** `database`, `sign-in`, or a connector's id. */
  name: string;
}

/** Checks that belong together. */
export interface CheckGroup {
  title: string;
  /** Null for what belongs to AzCops itself. */
  tenant: { id: string; azureTenantId: string; name: string } | null;
  /** Whom missing roles are to be granted to; null when it is not known. */
  clientId: string | null;
  checks: readonly NamedCheck[];
}

/** How bad an outcome is. */
export type Severity = 'ok' | 'skipped' | 'limited' | 'failed';

/** The check under which a tenant's token is asked for. */
export const SIGN_IN = 'sign-in';

const SEVERITIES: Readonly<Record<CheckOutcome, Severity>> = {
  ok: 'ok',
  'not-asked': 'skipped',
  'missing-role': 'limited',
  unavailable: 'limited',
  'quota-used-up': 'limited',
  unreachable: 'failed',
  'credential-refused': 'failed',
  failed: 'failed',
};

/** How bad a result is. */
export function severityOf({ outcome }: CheckResult): Severity {
  return SEVERITIES[outcome];
}

/** How many checks ended how. */
export function countSeverities(groups: readonly CheckGroup[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { ok: 0, skipped: 0, limited: 0, failed: 0 };
  for (const check of groups.flatMap(({ checks }) => checks)) counts[severityOf(check)] += 1;
  return counts;
}

/**
 * 0 all fine; 1 when AzCops itself cannot work, a credential is refused, or no source of any tenant could be read; 2
 * for anything between.
 */
export function exitCodeOf(groups: readonly CheckGroup[]): 0 | 1 | 2 {
  const counts = countSeverities(groups);
  if (counts.limited + counts.failed === 0) return 0;
  const own = groups.filter(({ tenant }) => tenant === null).flatMap(({ checks }) => checks);
  if (own.some((check) => severityOf(check) === 'failed')) return 1;
  const tenants = groups.filter(({ tenant }) => tenant !== null).flatMap(({ checks }) => checks);
  if (tenants.some(({ outcome }) => outcome === 'credential-refused')) return 1;
  const reads = tenants.filter(({ name, outcome }) => name !== SIGN_IN && outcome === 'ok');
  return tenants.length > 0 && reads.length === 0 ? 1 : 2;
}

/** The one command that grants the role whose absence a check found; null when no role is missing. */
export function grantCommand({ grant }: CheckResult, clientId: string | null): string | null {
  if (!grant) return null;
  const assignee = clientId ?? '<client id>';
  return `az role assignment create --assignee ${assignee} --role "${grant.role}" --scope "${grant.scope}"`;
}
