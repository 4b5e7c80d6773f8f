import type { CostFileBatch } from '#connectors/cost-files/cost-file-columns.js';
import type { Day, DayRange } from '#core/day.js';
import type { Publication } from '#db/ledger/publication.js';
import type { StagedCost } from '#db/ledger/cost-stage.js';
import type { ImportedSubscription } from '#db/repositories/subscription-target.repository.js';

interface Dataset {
  billingAccountId: string | null;
  month: Day;
  days: DayRange;
}

/** What the files of one import are made of: publications by source and kind, datasets by billing account and month. */
export class ImportedDatasets {
  private readonly found: { source: string; kind: Publication['kind']; datasets: Map<string, Dataset> }[] = [];
  private readonly names = new Map<string, ImportedSubscription>();

  /** The batch's charges, each with the dataset it belongs to. */
  take({ source, kind, charges }: CostFileBatch): StagedCost[] {
    let publication = this.found.findIndex((known) => known.source === source && known.kind === kind);
    if (publication < 0) publication = this.found.push({ source, kind, datasets: new Map() }) - 1;
    const { datasets } = this.found[publication]!;
    return charges.map(({ record, billingMonth, subscriptionName }) => {
      widen(datasets, record.billingAccountId, billingMonth, record.day);
      const { provider, subscriptionId } = record;
      if (subscriptionId !== null) {
        const key = `${provider}\n${subscriptionId}`;
        if (!this.names.has(key))
          this.names.set(key, { provider, subscriptionId, displayName: subscriptionName ?? subscriptionId });
      }
      return { ...record, publication, billingMonth };
    });
  }

  publications(): Publication[] {
    return this.found.map(({ source, kind, datasets }) => ({
      source,
      kind,
      grain: null,
      datasets: [...datasets.values()].map((dataset) => ({ ...dataset, subscriptionId: null, whole: true })),
    }));
  }

  subscriptions(): ImportedSubscription[] {
    return [...this.names.values()];
  }
}

function widen(datasets: Map<string, Dataset>, billingAccountId: string | null, month: Day, day: Day): void {
  // An account's id is never empty.
  const key = `${month} ${billingAccountId ?? ''}`;
  const dataset = datasets.get(key);
  if (!dataset) {
    datasets.set(key, { billingAccountId, month, days: { from: day, to: day } });
    return;
  }
  if (day < dataset.days.from) dataset.days.from = day;
  if (day > dataset.days.to) dataset.days.to = day;
}
