import { oneTenant } from '#core/scope.js';
import type { Database } from '../database.js';

/** One stored file, as the raw store reported it. */
export interface NewRawSnapshot {
  tenantId: string;
  runId: string | null;
  windowId: string | null;
  attempt: number | null;
  source: string;
  path: string;
  sha256: string;
  bytes: number;
  storedBytes: number;
}

/** The index of the raw store: which file holds what was received, and its checksum. */
export class RawSnapshotRepository {
  constructor(private readonly database: Database) {}

  async record(snapshot: NewRawSnapshot): Promise<void> {
    await this.database.transaction(oneTenant(snapshot.tenantId), (tx) =>
      tx.query(
        `INSERT INTO raw_snapshots (tenant_id, run_id, window_id, attempt, source, path, sha256, bytes, stored_bytes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, path) DO NOTHING`,
        [
          snapshot.tenantId,
          snapshot.runId,
          snapshot.windowId,
          snapshot.attempt,
          snapshot.source,
          snapshot.path,
          snapshot.sha256,
          snapshot.bytes,
          snapshot.storedBytes,
        ],
      ),
    );
  }
}
