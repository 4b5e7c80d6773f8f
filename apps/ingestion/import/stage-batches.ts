import type { CostFileBatch } from '#connectors/cost-files/cost-file-columns.js';
import type { CostStage } from '#db/ledger/cost-stage.js';
import type { ImportedDatasets } from './imported-datasets.js';

/** Stages the batches of a file. */
export async function stageBatches(
  stage: CostStage,
  datasets: ImportedDatasets,
  batches: AsyncIterable<CostFileBatch>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (const { records, ...month } of datasets.take(batch)) await stage.add(month, records);
  }
}
