import { checked, notAsked, tenantScope, type CheckResult } from '#core/check.js';
import type { CheckContext, Connector, ReadContext, TargetSubscription, TargetTenant } from '#core/connector.js';
import type { SubscriptionRecord } from '#core/records.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Parts } from '../parts.js';
import { SIGN_IN, type CheckGroup, type NamedCheck } from './diagnosis.js';
import { named } from './own-checks.js';

type TenantParts = Pick<Parts, 'azure' | 'tenants' | 'subscriptions' | 'resources' | 'connectors' | 'clock' | 'logger'>;

/** The tenant's credential, then every connector with it; `limit` is how many subscriptions are asked one by one. */
export async function checkTenant(parts: TenantParts, tenant: TargetTenant, limit: number | null): Promise<CheckGroup> {
  const { name } = await parts.tenants.get(ALL_TENANTS, tenant.id);
  const context: ReadContext = {
    tenant,
    subscriptions: await parts.subscriptions.targets(tenant.id),
    resources: [],
    // The doctor asks and forgets.
    keep: () => Promise.resolve(),
    recall: () => Promise.resolve(null),
    clock: parts.clock,
    logger: parts.logger,
    signal: new AbortController().signal,
  };
  let clientId: string | null = null;
  const signIn = await checked(
    { subject: '', scope: tenantScope(tenant.azureTenantId) },
    context,
    async ({ signal }) => {
      const identity = await parts.azure.signIn(tenant, signal);
      clientId = identity.clientId;
      return `Entra ID gives a token to ${clientId ? `application ${clientId}` : identity.credential}.`;
    },
  );
  const checks = [named(SIGN_IN, signIn)];
  if (signIn.outcome === 'ok') checks.push(...(await checkConnectors(parts, context, limit)));
  else checks.push(named('connectors', notAsked('', 'Nothing can be asked without a token.')));
  const title = `Tenant ${name} (id ${tenant.id}, Azure tenant ${tenant.azureTenantId})`;
  return { title, tenant: { id: tenant.id, azureTenantId: tenant.azureTenantId, name }, clientId, checks };
}

/** All connectors at the same time, in their own order. */
async function checkConnectors(parts: TenantParts, context: ReadContext, limit: number | null): Promise<NamedCheck[]> {
  const connectors = [...parts.connectors.values()];
  const registered = context.subscriptions;
  const subscriptions = registered.length > 0 ? registered : await listed(connectors, context);
  // A subscription that is switched off may lack what the others have.
  const usable = subscriptions.toSorted((a, b) => Number(b.state === 'Enabled') - Number(a.state === 'Enabled'));
  const sample = usable.slice(0, limit ?? undefined);
  const checks = await Promise.all(
    connectors.map(async (connector) => {
      const resources = await parts.resources.samples(
        context.tenant.id,
        sample.map(({ subscriptionId }) => subscriptionId),
        connector.resourceTypes ?? [],
      );
      const results = await collect(connector, { ...context, subscriptions, sample, resources });
      return results.map((result) => named(connector.id, result));
    }),
  );
  if (sample.length < subscriptions.length) {
    const left = subscriptions.length - sample.length;
    const reason = `${left} of ${subscriptions.length} were not asked one by one, for costs and metrics.`;
    checks.push([named('subscriptions', notAsked('', reason, 'To ask them all: --subscriptions all'))]);
  }
  return checks.flat();
}

async function collect(connector: Connector, context: CheckContext): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of connector.check(context)) results.push(result);
  return results;
}

/** What discovery would register, for a tenant before its first run; nothing where that fails, as its check then tells. */
async function listed(connectors: readonly Connector[], context: ReadContext): Promise<TargetSubscription[]> {
  const found: SubscriptionRecord[] = [];
  for (const connector of connectors.filter(({ produces }) => produces === 'subscription')) {
    const [window] = connector.windows({
      mode: 'full',
      now: context.clock.now(),
      range: null,
      tenant: context.tenant,
      subscriptions: [],
      resources: new Map(),
      regions: new Map(),
      currencies: [],
      callsLeft: null,
      backfillMonths: 0,
    });
    if (!window) continue;
    try {
      for await (const records of (connector as Connector<'subscription'>).read(window, context))
        found.push(...records);
    } catch (error) {
      context.logger.debug({ err: error }, 'the subscriptions are not known');
    }
  }
  return found.map(({ subscriptionId, state, quotaId }) => ({
    subscriptionId,
    state,
    quotaId,
    costsCovered: [],
    costsUnavailable: [],
    costsAskedAt: null,
    costMonthsOwnedElsewhere: [],
  }));
}
