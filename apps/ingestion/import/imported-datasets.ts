import type { CostFileBatch } from '#connectors/cost-files/cost-file-columns.js';
import { addDays, addMonths, monthEnd, type Day, type DayRange } from '#core/day.js';
import type { CostRecord } from '#core/records.js';
import type { Publication } from '#db/ledger/publication.js';
import type { StagedMonth } from '#db/ledger/cost-stage.js';
import type { ImportedSubscription } from '#db/repositories/subscription-target.repository.js';

interface Dataset {
  billingAccountId: string | null;
  month: Day;
  /** The first and last day of its charges, without late ones: those say nothing about their days. */
  days: DayRange;
  /** The last one that its billing period can have: it may begin on any day of the month. */
  lastDay: Day;
}

/** Charges of a batch that belong to one month. */
interface ImportedMonth extends StagedMonth {
  records: CostRecord[];
}

/** What the files of one import are made of: publications by source and kind, datasets by billing account and month. */
export class ImportedDatasets {
  private readonly found: { source: string; kind: Publication['kind']; datasets: Map<string, Dataset> }[] = [];
  private readonly names = new Map<string, ImportedSubscription>();

  /** The batch's charges by the month that they belong to: a file mostly has one. */
  take({ source, kind, charges }: CostFileBatch): ImportedMonth[] {
    let publication = this.found.findIndex((known) => known.source === source && known.kind === kind);
    if (publication < 0) publication = this.found.push({ source, kind, datasets: new Map() }) - 1;
    const { datasets } = this.found[publication]!;
    const months = new Map<Day, ImportedMonth>();
    // What a charge shares with the one before it is not looked up again.
    let month: ImportedMonth | undefined;
    let dataset: Dataset | undefined;
    let named: ImportedSubscription | undefined;
    for (const { record, billingMonth, subscriptionName } of charges) {
      const { day } = record;
      const { provider, billingAccountId, subscriptionId } = record.dimension;
      if (month?.billingMonth !== billingMonth) {
        month = months.get(billingMonth);
        if (!month) months.set(billingMonth, (month = { publication, billingMonth, records: [] }));
      }
      month.records.push(record);
      if (dataset?.month !== billingMonth || dataset.billingAccountId !== billingAccountId)
        dataset = datasetOf(datasets, billingAccountId, billingMonth);
      if (day < dataset.days.from && day >= billingMonth) dataset.days.from = day;
      if (day > dataset.days.to && day <= dataset.lastDay) dataset.days.to = day;
      if (subscriptionId === null) continue;
      if (named?.subscriptionId !== subscriptionId || named.provider !== provider)
        named = this.subscription({ provider, subscriptionId, displayName: subscriptionName ?? subscriptionId });
    }
    return [...months.values()];
  }

  publications(): Publication[] {
    return this.found.map(({ source, kind, datasets }) => ({
      source,
      kind,
      grain: null,
      datasets: [...datasets.values()].map(({ billingAccountId, month, days }) => ({
        billingAccountId,
        subscriptionId: null,
        month,
        days,
        whole: true,
      })),
    }));
  }

  /** The days of each billing month that there are charges of. */
  periods(): DayRange[] {
    const periods = new Map<Day, DayRange>();
    for (const { month, days } of this.found.flatMap(({ datasets }) => [...datasets.values()])) {
      const { from, to } = periods.get(month) ?? days;
      periods.set(month, { from: from < days.from ? from : days.from, to: to > days.to ? to : days.to });
    }
    return [...periods.values()];
  }

  subscriptions(): ImportedSubscription[] {
    return [...this.names.values()];
  }

  /** The one with the name that it was met with first. */
  private subscription(met: ImportedSubscription): ImportedSubscription {
    const key = `${met.provider}\n${met.subscriptionId}`;
    const known = this.names.get(key);
    if (!known) this.names.set(key, met);
    return known ?? met;
  }
}

function datasetOf(datasets: Map<string, Dataset>, billingAccountId: string | null, month: Day): Dataset {
  // An account's id is never empty.
  const key = `${month} ${billingAccountId ?? ''}`;
  let dataset = datasets.get(key);
  if (!dataset) {
    const lastDay = monthEnd(addMonths(month, 1));
    const days = { from: lastDay, to: addDays(month, -1) };
    datasets.set(key, (dataset = { billingAccountId, month, days, lastDay }));
  }
  return dataset;
}
