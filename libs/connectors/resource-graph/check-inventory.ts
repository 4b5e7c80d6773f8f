import { checked, refused, subscriptionScope, tenantScope, type CheckResult } from '#core/check.js';
import type { CheckContext } from '#core/connector.js';
import { PermissionError } from '#core/errors.js';
import type { AzureApi } from '../azure/azure-api.js';
import { requireCoverage } from './coverage.js';
import { RESOURCE_GRAPH_ROLE } from './query-pages.js';
import { subscriptionBatches } from './subscription-batches.js';

/** So many unreadable subscriptions are named one by one; more are one result, and one role on what is above them. */
const NAMED_ONE_BY_ONE = 10;

/** Asks which subscriptions Resource Graph can read, since it leaves the others out without a word. */
export async function* checkInventory(api: AzureApi, context: CheckContext): AsyncGenerator<CheckResult, void> {
  const client = api.forTenant(context.tenant);
  const batches = subscriptionBatches(context.subscriptions);
  const asked = batches.flat();
  const everything = asked.length === 1 ? subscriptionScope(asked[0]!) : tenantScope(context.tenant.azureTenantId);
  const readable = new Set<string>();
  const result = await checked({ subject: '', scope: everything }, context, async (limited) => {
    for (const [index, batch] of (batches.length > 0 ? batches : [[]]).entries()) {
      const covered = await requireCoverage(client, batch, `check-${index + 1}`, limited);
      for (const id of covered.subscriptions) readable.add(id);
    }
    if (readable.size === 0) throw leftOut('No subscription is readable: Resource Graph answers nothing at all.');
    return asked.length === 0
      ? `${readable.size} of the tenant's subscriptions are readable.`
      : `${asked.filter((id) => readable.has(id)).length} of ${asked.length} known subscriptions are readable.`;
  });
  yield result;
  if (result.outcome !== 'ok') return;
  const unreadable = asked.filter((id) => !readable.has(id));
  const now = context.clock.now();
  if (unreadable.length > NAMED_ONE_BY_ONE) {
    const subject = `${unreadable.length} subscriptions, among them ${unreadable.slice(0, 3).join(', ')}`;
    yield refused({ subject, scope: everything }, leftOut('Resource Graph leaves them out silently.'), now);
    return;
  }
  for (const id of unreadable) {
    const question = { subject: `subscription ${id}`, scope: subscriptionScope(id) };
    yield refused(question, leftOut('Resource Graph leaves it out silently.'), now);
  }
}

function leftOut(reason: string): PermissionError {
  return new PermissionError(reason, RESOURCE_GRAPH_ROLE, 'what it leaves out, or on the management group above,');
}
