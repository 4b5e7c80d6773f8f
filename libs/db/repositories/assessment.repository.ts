import type { AssessmentRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { resolveUnseen, scoreFindings, storeFindings, takeTurn } from '../recommendations/finding-store.js';
import { verifyExecuted } from '../recommendations/verification.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';

/** What rules said about a subscription: their findings, and how much they could judge. */
export class AssessmentRepository {
  constructor(private readonly database: Database) {}

  /**
   * Assessments as the sink of a subscription's window, visible together. What a rule could not judge keeps its last
   * observation; what it looked at and did not find, or what is gone, is resolved.
   */
  openSink(target: SinkTarget): Promise<RecordSink<'assessment'>> {
    const assessments: AssessmentRecord[] = [];
    return Promise.resolve({
      add: async (records) => void assessments.push(...records),
      publish: (_proof, checkpoint) =>
        this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          const found = assessments.flatMap((assessment) => assessment.found);
          const left = assessments.flatMap(({ rule, undecided }) => undecided.map((item) => ({ rule, ...item })));
          await takeTurn(tx, target);
          await storeFindings(tx, target, found);
          await resolveUnseen(tx, target, [target.subscriptionId!], left);
          await scoreFindings(tx, target);
          await verifyExecuted(tx, target);
          await storeEvaluations(tx, target, assessments);
          const published = { rows: found.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }
}

async function storeEvaluations(
  tx: Transaction,
  target: SinkTarget,
  assessments: readonly AssessmentRecord[],
): Promise<void> {
  await tx.query(
    `WITH evaluated AS (SELECT * FROM unnest($5::text[], $6::integer[], $7::integer[], $8::jsonb[])
                          AS e (rule, examined, found, not_evaluated)),
     forgotten AS (DELETE FROM rule_evaluations WHERE tenant_id = $1 AND subscription_id = $2
                     AND rule NOT IN (SELECT rule FROM evaluated))
     INSERT INTO rule_evaluations (tenant_id, subscription_id, evaluated_at, run_id, rule, examined, found, not_evaluated)
     SELECT $1, $2, $3, $4, e.* FROM evaluated e
     ON CONFLICT (tenant_id, subscription_id, rule) DO UPDATE
       SET examined = excluded.examined, found = excluded.found, not_evaluated = excluded.not_evaluated,
           evaluated_at = excluded.evaluated_at, run_id = excluded.run_id`,
    [
      target.tenantId,
      target.subscriptionId,
      target.startedAt,
      target.runId,
      assessments.map(({ rule }) => rule),
      assessments.map(({ examined }) => examined),
      assessments.map(({ found }) => found.length),
      assessments.map(({ undecided }) => JSON.stringify(countBy(undecided.map(({ reason }) => reason)))),
    ],
  );
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
