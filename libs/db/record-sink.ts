import type { DayRange } from '#core/day.js';
import type { ReadProof } from '#core/connector.js';
import type { RecordKind, RecordKinds } from '#core/records.js';
import type { Transaction } from './database.js';

/** Whose records arrive, and what they replace. */
export interface SinkTarget {
  tenantId: string;
  /** The connector that reads them; the owner of what it publishes. */
  source: string;
  subscriptionId: string | null;
  range: DayRange | null;
  runId: string;
  startedAt: Date;
}

export interface CurrencyTotal {
  currency: string;
  cost: string | null;
  amortized_cost: string | null;
}

export interface Published {
  rows: number;
  /** Exact sums of what was published, one per currency; empty for records that carry no money. */
  totals: CurrencyTotal[];
}

/**
 * Where a window's records go: batches are added while the source is read, and `publish` makes them visible,
 * together with the caller's checkpoint, in one transaction. `discard` leaves nothing behind.
 */
export interface RecordSink<K extends RecordKind = RecordKind> {
  add(records: readonly RecordKinds[K][]): Promise<void>;
  publish(proof: ReadProof, checkpoint: (tx: Transaction, published: Published) => Promise<void>): Promise<Published>;
  discard(): Promise<void>;
}

/** Opens the sink of one record kind. */
export type SinkFactory<K extends RecordKind = RecordKind> = (target: SinkTarget) => Promise<RecordSink<K>>;
