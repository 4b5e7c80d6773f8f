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
  /** The request that it answers, and how; absent for pages of files. */
  answer?: { requestHash: string; status: number; headers: Readonly<Record<string, string>> };
}

/** A kept answer: where it lies, and what came with it. */
export interface KeptAnswer {
  path: string;
  status: number;
  headers: Readonly<Record<string, string>>;
}

/** The index of the raw store: which file holds what was received, and its checksum. */
export class RawSnapshotRepository {
  constructor(private readonly database: Database) {}

  async record(snapshot: NewRawSnapshot): Promise<void> {
    const insert = {
      sql: `INSERT INTO raw_snapshots (tenant_id, run_id, window_id, attempt, source, path, sha256, bytes, stored_bytes,
                                       request_hash, status, headers)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (tenant_id, path) DO NOTHING`,
      values: [
        snapshot.tenantId,
        snapshot.runId,
        snapshot.windowId,
        snapshot.attempt,
        snapshot.source,
        snapshot.path,
        snapshot.sha256,
        snapshot.bytes,
        snapshot.storedBytes,
        snapshot.answer?.requestHash ?? null,
        snapshot.answer?.status ?? null,
        snapshot.answer?.headers ?? null,
      ],
    };
    // What is published from it is committed later, and makes it last.
    await this.database.writes(oneTenant(snapshot.tenantId), [insert], { durable: false });
  }

  /** Answers that attempts of a window kept, from attempt `from` on, by the hash of their requests. */
  async answersOf(tenantId: string, windowId: string, from: number): Promise<Map<string, KeptAnswer>> {
    const rows = await this.database.query<KeptAnswer & { request_hash: string }>(
      oneTenant(tenantId),
      `SELECT request_hash, path, status, headers FROM raw_snapshots
       WHERE tenant_id = $1 AND window_id = $2 AND attempt >= $3 AND request_hash IS NOT NULL`,
      [tenantId, windowId, from],
    );
    return new Map(rows.map(({ request_hash, ...answer }) => [request_hash, answer]));
  }
}
