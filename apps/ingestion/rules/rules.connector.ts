import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  RULES_SOURCE,
  type Connector,
  type PlanRequest,
  type ReadContext,
  type ReadProof,
  type WindowSpec,
} from '#core/connector.js';
import { dayOf } from '#core/day.js';
import { UnavailableError } from '#core/errors.js';
import type { AssessmentRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import type { RuleRepository } from '#db/repositories/rule.repository.js';
import type { SubscriptionFactsRepository } from '#db/repositories/subscription-facts.repository.js';
import { Estate } from '#rules/estate.js';
import { evaluateRules } from '#rules/evaluate.js';
import { RULES } from '#rules/registry.js';
import type { ReferenceReader } from './reference-reader.js';

const NOT_READY = {
  inventory_not_read: 'Its inventory has not been read yet.',
  inventory_incomplete: 'Its inventory was last read in part, and half of it would mislead the rules.',
} as const;

/**
 * Our own rules as a source like any other: what they say is planned, retried, proven and stored as what Azure says. They
 * read what the stages before have stored, one subscription at a time, so that their memory is that of the largest one.
 */
export function rulesConnector(
  facts: SubscriptionFactsRepository,
  rules: RuleRepository,
  reference: ReferenceReader,
): Connector<'assessment'> {
  return {
    id: RULES_SOURCE,
    title: 'Rules',
    api: 'AzCops rules',
    apiVersion: '1',
    requiredRoles: [],
    stage: 'rules',
    produces: 'assessment',
    modes: ['full'],
    windows: ({ subscriptions }: PlanRequest): WindowSpec[] =>
      subscriptions.map(({ subscriptionId }) => ({ scope: subscriptionId, subscriptionId, range: null })),
    read: (window, context) => assess(facts, rules, reference, window, context),
    async *check() {
      // Nothing of Azure's is asked.
    },
  };
}

async function* assess(
  repository: SubscriptionFactsRepository,
  rules: RuleRepository,
  reader: ReferenceReader,
  { subscriptionId }: WindowSpec,
  { tenant, clock, logger, signal }: ReadContext,
): AsyncGenerator<readonly AssessmentRecord[], ReadProof> {
  const now = clock.now();
  const facts = await repository.load(tenant.id, subscriptionId!, dayOf(now));
  if (typeof facts === 'string') {
    const action = 'Nothing to do if the next full run reads it; else see why its window of resource-graph failed.';
    throw new UnavailableError(NOT_READY[facts], action, { lasting: false });
  }
  const reference = await reader.of(facts);
  const settings = await rules.settings(oneTenant(tenant.id), tenant.id);
  let examined = 0;
  const assessments = evaluateRules(
    RULES.values(),
    new Estate(facts, now, reference),
    new Map(settings.map((setting) => [setting.rule, setting])),
    (rule, resourceId, error) =>
      logger.error({ operation_name: 'evaluate_rule', rule, resource_id: resourceId, err: error }, 'a rule failed'),
  );
  for (const assessment of assessments) {
    signal.throwIfAborted();
    examined += assessment.examined;
    yield [assessment];
    // A large subscription takes seconds, in which the worker must be able to say that it lives.
    await nextTurn();
  }
  return {
    pages: 0,
    rows: examined,
    expected: null,
    complete: true,
    incompleteReason: null,
    coveredDays: [],
    subscriptionsSeen: [subscriptionId!],
    grain: null,
    amounts: null,
    unavailable: null,
  };
}
