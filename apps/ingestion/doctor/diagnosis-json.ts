import {
  countSeverities,
  exitCodeOf,
  grantCommand,
  severityOf,
  type CheckGroup,
  type NamedCheck,
} from './diagnosis.js';

/** The diagnosis as one document for programs, in the spelling of the API. */
export function diagnosisJson(groups: readonly CheckGroup[]): object {
  return {
    exit_code: exitCodeOf(groups),
    counts: countSeverities(groups),
    checks: groups.flatMap(({ tenant, checks, clientId }) =>
      tenant === null ? checks.map((check) => checkJson(check, clientId)) : [],
    ),
    tenants: groups.flatMap(({ tenant, checks, clientId }) =>
      tenant === null
        ? []
        : {
            id: tenant.id,
            azure_tenant_id: tenant.azureTenantId,
            name: tenant.name,
            client_id: clientId,
            checks: checks.map((check) => checkJson(check, clientId)),
          },
    ),
  };
}

function checkJson(check: NamedCheck, clientId: string | null): object {
  const { name, subject, outcome, reason, action, grant } = check;
  return {
    name,
    severity: severityOf(check),
    outcome,
    subject: subject === '' ? null : subject,
    reason,
    action,
    missing_role: grant && { role: grant.role, scope: grant.scope, command: grantCommand(check, clientId) },
  };
}
