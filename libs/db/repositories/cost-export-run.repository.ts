import type { CostAmounts } from '#core/connector.js';
import type { Day } from '#core/day.js';
import { ConflictError } from '#core/errors.js';
import { oneTenant } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';

/** A run of an export, as far as the ledger cares. */
export interface ExportRunKey {
  source: string;
  kind: CostAmounts;
  month: Day;
  runId: string;
  submittedAt: Date;
}

/** What the ledger holds of an export's month. */
export interface PublishedExport {
  /** Null: no run was published. */
  run: { runId: string; submittedAt: Date } | null;
  /** Billing accounts that the export owns charges of. */
  billingAccountIds: (string | null)[];
}

/** SQL: of this export's month, what carries a cost column that $4 carries too. */
const SAME_COLUMNS = `tenant_id = $1 AND source = $2 AND month = $3 AND (kind = $4 OR kind = 'both' OR $4 = 'both')`;

/** From which runs of exports months were published. */
export class CostExportRunRepository {
  constructor(private readonly database: Database) {}

  async find(tenantId: string, { source, month, kind }: ExportRunKey): Promise<PublishedExport> {
    const [found] = await this.database.query<{
      run_id: string | null;
      submitted_at: Date | null;
      accounts: (string | null)[];
    }>(
      oneTenant(tenantId),
      `SELECT r.run_id, r.submitted_at,
              ARRAY(SELECT DISTINCT billing_account_id FROM cost_datasets WHERE ${SAME_COLUMNS}) AS accounts
       FROM (SELECT) one LEFT JOIN LATERAL (
         SELECT run_id, submitted_at FROM cost_export_runs WHERE ${SAME_COLUMNS} ORDER BY submitted_at DESC LIMIT 1
       ) r ON true`,
      [tenantId, source, month, kind],
    );
    const { run_id: runId, submitted_at: submittedAt, accounts } = found!;
    return { run: runId && submittedAt ? { runId, submittedAt } : null, billingAccountIds: accounts };
  }

  /**
   * Remembers, in the transaction that publishes it, the run that takes the place of `former`; throws `ConflictError` when
   * another one has taken it meanwhile.
   */
  async record(tx: Transaction, tenantId: string, run: ExportRunKey, former: string | null): Promise<void> {
    const key = [tenantId, run.source, run.month, run.kind];
    const gone = await tx.query<{ run_id: string }>(
      `WITH gone AS (DELETE FROM cost_export_runs WHERE ${SAME_COLUMNS} RETURNING run_id, submitted_at)
       SELECT run_id FROM gone ORDER BY submitted_at DESC LIMIT 1`,
      key,
    );
    const published = gone[0]?.run_id ?? null;
    if (published !== former) {
      throw new ConflictError(
        `Another import published the run ${published ?? '(none)'} of ${run.source} ${run.month.slice(0, 7)} meanwhile; start this one again.`,
      );
    }
    await tx.query(
      `INSERT INTO cost_export_runs (tenant_id, source, month, kind, run_id, submitted_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [...key, run.runId, run.submittedAt],
    );
  }
}
