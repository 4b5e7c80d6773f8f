import { createHash, randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { readCostFile } from '#connectors/cost-files/cost-file.reader.js';
import { InvalidInputError } from '#core/errors.js';
import { blocksOf } from '#core/file-folder.js';
import type { CostStage } from '#db/ledger/cost-stage.js';
import type { Published } from '#db/record-sink.js';
import { openLocalFile } from '#raw-store/local-folder.js';
import { rawPath } from '#raw-store/raw-path.js';
import { requireTenant } from '../tenant-argument.js';
import { remarkHeldElsewhere } from './held-elsewhere.js';
import type { ImportParts } from './import-parts.js';
import { recordImport } from './import-record.js';
import { ImportedDatasets } from './imported-datasets.js';
import { stageBatches } from './stage-batches.js';

/** Files are kept raw in parts of this size, so that memory stays flat however large they are. */
const PART_BYTES = 8 * 1024 * 1024;
const SOURCE = 'cost-files';

/**
 * Keeps the files raw and publishes them together; nothing is published before all of them are kept, nor when one cannot
 * be read.
 */
export async function importFiles(
  parts: ImportParts,
  files: readonly string[],
  options: ImportOptions = {},
): Promise<Published> {
  const { id: tenantId } = await requireTenant(parts.tenants, options.tenant);
  const replace = options.replace ?? false;
  const datasets = new ImportedDatasets();
  const stage = await parts.ledger.openStage(tenantId);
  try {
    const keeping = keepFiles(parts, tenantId, randomUUID(), files);
    const hashes = await whileReading(keeping, (signal) => stageFiles(stage, datasets, files, options, signal));
    const published = await parts.ledger.publish(
      stage,
      {
        runId: null,
        publishedAt: parts.clock.now(),
        publications: datasets.publications(),
        replaceOthers: replace,
        exclusive: true,
      },
      (tx, { totals }) =>
        recordImport(parts, tx, tenantId, datasets, {
          files: files.map((file, index) => ({ name: basename(file), sha256: hashes[index] })),
          totals,
          replace,
        }),
    );
    await remarkHeldElsewhere(parts, tenantId, datasets, options.remark ?? (() => undefined));
    return published;
  } finally {
    await stage.close();
  }
}

interface ImportOptions {
  tenant?: string;
  kind?: 'actual' | 'amortized';
  replace?: boolean;
  remark?: (text: string) => void;
}

/** Stores every file as it is, and answers the files' SHA-256. The same file twice is refused. */
async function keepFiles(
  parts: ImportParts,
  tenantId: string,
  importId: string,
  files: readonly string[],
): Promise<string[]> {
  const hashes: string[] = [];
  for (const [index, file] of files.entries()) {
    const whole = createHash('sha256');
    let part = 0;
    for await (const body of blocksOf(await openLocalFile(file), PART_BYTES)) {
      whole.update(body);
      part += 1;
      // The number first: the raw store cuts long labels short.
      const label = `${index + 1}-part-${String(part).padStart(5, '0')}-${basename(file)}`.toLowerCase();
      const identity = {
        tenantId,
        connector: SOURCE,
        at: parts.clock.now(),
        scope: 'import',
        runId: importId,
        windowId: 'file',
        attempt: 1,
        label,
      };
      const stored = await parts.rawStore.write(rawPath(identity), body);
      await parts.rawSnapshots.record({
        tenantId,
        runId: null,
        windowId: null,
        attempt: null,
        source: SOURCE,
        ...stored,
      });
    }
    const hash = whole.digest('hex');
    const twin = hashes.indexOf(hash);
    if (twin >= 0)
      throw new InvalidInputError(`${file} is the same file as ${files[twin]}: its costs would count twice.`);
    hashes.push(hash);
  }
  return hashes;
}

/** Waits for both. What cannot be kept is not read on; what cannot be read is kept whole all the same. */
async function whileReading<T>(keeping: Promise<T>, read: (signal: AbortSignal) => Promise<void>): Promise<T> {
  const stop = new AbortController();
  keeping.catch(() => stop.abort());
  const [kept, done] = await Promise.allSettled([keeping, read(stop.signal)]);
  if (kept.status === 'rejected') throw kept.reason;
  if (done.status === 'rejected') throw done.reason;
  return kept.value;
}

async function stageFiles(
  stage: CostStage,
  datasets: ImportedDatasets,
  files: readonly string[],
  { kind }: ImportOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const file of files) {
    await stageBatches(stage, datasets, readCostFile(await openLocalFile(file), kind), signal);
  }
}
