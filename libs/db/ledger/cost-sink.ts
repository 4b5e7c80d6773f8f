import { monthStart } from '#core/day.js';
import { InvariantError } from '#core/errors.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';
import { CostLedger } from './cost-ledger.js';

/** The ledger as the sink of a window: one subscription, one range within a calendar month. */
export async function openCostSink(ledger: CostLedger, target: SinkTarget): Promise<RecordSink<'cost'>> {
  const { range } = target;
  if (!range || monthStart(range.from) !== monthStart(range.to)) {
    throw new InvariantError('a cost window lies within one calendar month');
  }
  const month = monthStart(range.from);
  const stage = await ledger.openStage(target.tenantId);
  return {
    add: (records) => stage.add({ publication: 0, billingMonth: month }, records),
    publish: (proof, checkpoint) =>
      ledger.publish(
        stage,
        {
          runId: target.runId,
          publishedAt: target.startedAt,
          onlyReader: true,
          publications: [
            {
              source: target.source,
              kind: proof.amounts ?? 'actual',
              grain: proof.grain,
              datasets: [
                { billingAccountId: null, subscriptionId: target.subscriptionId, month, days: range, whole: false },
              ],
            },
          ],
        },
        checkpoint,
      ),
    discard: () => stage.close(),
  };
}
