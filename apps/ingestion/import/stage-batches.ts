import type { CostFileBatch } from '#connectors/cost-files/cost-file-columns.js';
import type { CostStage } from '#db/ledger/cost-stage.js';
import type { ImportedDatasets } from './imported-datasets.js';

/** Stages the batches of a file; the database works on one while the next is read, and no more than that is in memory. */
export async function stageBatches(
  stage: CostStage,
  datasets: ImportedDatasets,
  batches: AsyncIterable<CostFileBatch>,
  signal?: AbortSignal,
): Promise<void> {
  let staging: Promise<void> = Promise.resolve();
  try {
    for await (const batch of batches) {
      await staging;
      signal?.throwIfAborted();
      staging = stageBatch(stage, datasets, batch);
      // Whoever cannot read on never awaits it, and an unheard rejection would end the process.
      staging.catch(() => undefined);
    }
    await staging;
  } finally {
    // The stage is not closed while something is on its way into it.
    await staging.catch(() => undefined);
  }
}

async function stageBatch(stage: CostStage, datasets: ImportedDatasets, batch: CostFileBatch): Promise<void> {
  for (const { records, ...month } of datasets.take(batch)) await stage.add(month, records);
}
