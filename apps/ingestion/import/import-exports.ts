import { hash } from 'node:crypto';
import { findExportRuns, readExportRun, type FoundExportRun } from '#connectors/cost-files/export-runs.js';
import type { FileFolder } from '#core/file-folder.js';
import type { Refusals } from '#core/refusals.js';
import type { Publication } from '#db/ledger/publication.js';
import type { Published } from '#db/record-sink.js';
import { rawPath } from '#raw-store/raw-path.js';
import { requireTenant } from '../tenant-argument.js';
import { remarkHeldElsewhere } from './held-elsewhere.js';
import type { ImportParts } from './import-parts.js';
import { recordImport } from './import-record.js';
import { ImportedDatasets } from './imported-datasets.js';
import { stageBatches } from './stage-batches.js';

const SOURCE = 'cost-exports';

/** What became of one run; `published` is null for a run that changes nothing, with the reason. */
export interface ExportOutcome {
  run: Pick<FoundExportRun, 'exportName' | 'kind' | 'month' | 'runId' | 'submittedAt' | 'parts'>;
  published: Published | null;
  reason: string | null;
}

interface ExportImportOptions {
  tenant?: string;
  /** Takes months over from other sources, and reads runs again that are published already. */
  replace?: boolean;
  remark?: (text: string) => void;
}

/**
 * Publishes the newest run of every export and month below a folder, the oldest month first, each in a transaction of its
 * own. One that cannot be read, or is not allowed, goes to `refusals` and does not stop the others.
 */
export async function* importExports(
  parts: ImportParts,
  folder: FileFolder,
  refusals: Refusals,
  { tenant, replace = false, remark = () => undefined }: ExportImportOptions = {},
): AsyncGenerator<ExportOutcome> {
  const { id } = await requireTenant(parts.tenants, tenant);
  const { runs, remarks } = await findExportRuns(folder, refusals);
  remarks.forEach(remark);
  for (const run of runs) {
    const name = `${run.month.slice(0, 7)} ${run.exportName}`;
    const outcome = await refusals.collect(() => importRun(parts, id, run, { replace, remark }), name);
    if (outcome) yield { run, ...outcome };
  }
}

async function importRun(
  parts: ImportParts,
  tenantId: string,
  run: FoundExportRun,
  { replace, remark }: Required<Omit<ExportImportOptions, 'tenant'>>,
): Promise<Omit<ExportOutcome, 'run'>> {
  const former = await parts.exportRuns.find(tenantId, run);
  const isSame = former.run?.runId === run.runId;
  if (isSame && !replace) return { published: null, reason: 'is published already' };
  if (former.run && !isSame && former.run.submittedAt > run.submittedAt) {
    return { published: null, reason: `is older than the published run ${former.run.runId}: left out` };
  }
  await keepManifest(parts, tenantId, run);
  const datasets = new ImportedDatasets();
  const stage = await parts.ledger.openStage(tenantId);
  try {
    await stageBatches(stage, datasets, readExportRun(run));
    const published = await parts.ledger.publish(
      stage,
      {
        runId: null,
        // What the export did not know yet, however late it is imported, it does not speak for.
        publishedAt: run.submittedAt,
        publications: [publicationOf(run, datasets.publications()[0], former.billingAccountIds)],
        replaceOthers: replace,
        exclusive: true,
        keepsLastDays: true,
      },
      async (tx, { totals }) => {
        await parts.exportRuns.record(tx, tenantId, run, former.run?.runId ?? null);
        await recordImport(parts, tx, tenantId, datasets, {
          export: run.source,
          month: run.month,
          run: run.runId,
          manifest: run.manifest.name,
          totals,
          replace,
        });
      },
    );
    await remarkHeldElsewhere(parts, tenantId, datasets, remark);
    return { published, reason: null };
  } finally {
    await stage.close();
  }
}

/** The export is itself the raw copy; of what it said of its completeness we keep our own. */
async function keepManifest(parts: ImportParts, tenantId: string, run: FoundExportRun): Promise<void> {
  const content = await run.manifest.read(0, run.manifest.bytes);
  const path = rawPath({
    tenantId,
    connector: SOURCE,
    at: run.submittedAt,
    scope: run.exportName,
    runId: run.runId,
    windowId: run.month,
    attempt: 1,
    // Azure writes the manifest of a run anew when its first parts were not what it announced.
    label: `manifest-${hash('sha256', content, 'hex').slice(0, 16)}`,
  });
  const stored = await parts.rawStore.write(path, content);
  await parts.rawSnapshots.record({ tenantId, runId: null, windowId: null, attempt: null, source: SOURCE, ...stored });
}

/**
 * A run speaks for all days of its period, whether or not there were charges, and for every billing account that earlier
 * runs of it mentioned: what is no longer there is gone.
 */
function publicationOf(
  { source, kind, month, days }: FoundExportRun,
  found: Publication | undefined,
  former: readonly (string | null)[],
): Publication {
  const datasets = new Map(
    former.map((billingAccountId) => [
      billingAccountId,
      { billingAccountId, subscriptionId: null, month, days, whole: true },
    ]),
  );
  for (const dataset of found?.datasets ?? [])
    datasets.set(dataset.billingAccountId, { ...dataset, subscriptionId: null, days });
  return { source, kind, grain: null, datasets: [...datasets.values()] };
}
