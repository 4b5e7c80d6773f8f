import { checked, concernsAll, notAsked, subscriptionScope, type CheckResult } from '#core/check.js';
import type { CheckContext } from '#core/connector.js';
import { addDays, dayOf } from '#core/day.js';
import type { AzureApi } from '../azure/azure-api.js';
import { costPages, type PageReader } from './cost-table.js';

/** Charges arrive up to a day late. */
const DAYS_BACK = 2;

/** One day's total of each subscription of the sample: the cheapest question that Cost Management takes. */
export async function* checkCosts(api: AzureApi, context: CheckContext): AsyncGenerator<CheckResult, void> {
  const client = api.forTenant(context.tenant);
  const day = addDays(dayOf(context.clock.now()), -DAYS_BACK);
  if (context.sample.length === 0) yield notAsked('', 'No subscription is known to ask.');
  for (const [index, { subscriptionId }] of context.sample.entries()) {
    const question = { subject: `subscription ${subscriptionId}`, scope: subscriptionScope(subscriptionId) };
    const result = await checked(question, context, async (limited) => {
      const asked = { subscriptionId, type: 'ActualCost', range: { from: day, to: day }, grain: [] } as const;
      const label = `check-${index + 1}`;
      const { value: page } = await costPages(client, { ...asked, label }, limited, rowCounter).next();
      return `Costs are readable; ${day} has ${page?.take() ? 'some' : 'none'}.`;
    });
    yield result;
    const left = context.sample.length - index - 1;
    if (left > 0 && concernsAll(result)) {
      yield notAsked('', `${left} more ${left === 1 ? 'subscription was' : 'subscriptions were'} not asked.`);
      return;
    }
  }
}

function rowCounter(): PageReader<number> {
  let rows = 0;
  return { begin: () => undefined, row: () => void (rows += 1), end: () => rows };
}
