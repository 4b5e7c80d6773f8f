import type { ExportRow } from './export-rows.js';

/** Writes the lines of one part. */
export interface PartWriter {
  /** Resolves when more may be added. */
  add(row: ExportRow): Promise<void> | void;
  close(): Promise<void>;
}
