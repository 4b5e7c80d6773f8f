import { InvalidInputError } from '#core/errors.js';
import type { Refusals } from '#core/refusals.js';
import { blocksOf, type FileFolder, type FolderFile } from '#core/file-folder.js';
import type { CostFileBatch } from './cost-file-columns.js';
import { readCostFile } from './cost-file.reader.js';
import { parseManifest, type ExportPart, type ExportRun, type OtherRun } from './export-manifest.js';

/** A run of an export, found in a folder. */
export interface FoundExportRun extends ExportRun {
  manifest: FolderFile;
  /** The files of the run's own folder, by name. */
  files: ReadonlyMap<string, FolderFile>;
}

/** What was found in a folder. */
export interface FoundExports {
  /** The newest run of each export, kind of cost and billing month; the oldest month first, and of a month the oldest run. */
  runs: FoundExportRun[];
  /** What was left out, and why, to be read by people. */
  remarks: string[];
}

const COLUMNS = { both: 'FOCUS', actual: 'actual cost', amortized: 'amortized cost' } as const;
const MANIFEST = 'manifest.json';
const DATA_FILE = /\.(csv|csv\.gz|gz|parquet)$/i;
/** Manifests are read that many at a time: a year of daily runs is hundreds of small files. */
const CONCURRENT_MANIFESTS = 16;

/**
 * Finds the runs of Cost Management exports anywhere below a folder; parts are not read. A manifest that cannot be read goes
 * to `refusals`. Throws `InvalidInputError` for a folder without any run.
 */
export async function findExportRuns(folder: FileFolder, refusals: Refusals): Promise<FoundExports> {
  const folders = new Map<string, Map<string, FolderFile>>();
  for await (const file of folder.list()) {
    const cut = file.path.lastIndexOf('/');
    const parent = file.path.slice(0, Math.max(0, cut));
    const files = folders.get(parent) ?? new Map<string, FolderFile>();
    folders.set(parent, files.set(file.path.slice(cut + 1), file));
  }
  const remarks: string[] = [];
  const withManifest: { manifest: FolderFile; files: ReadonlyMap<string, FolderFile> }[] = [];
  for (const files of folders.values()) {
    const manifest = files.get(MANIFEST);
    const data = [...files].find(([name]) => DATA_FILE.test(name))?.[1];
    if (manifest) withManifest.push({ manifest, files });
    else if (data)
      remarks.push(
        `Left out: beside ${data.name} is no ${MANIFEST}; Azure writes it last, so that run is not complete.`,
      );
  }
  const newest = new Map<string, FoundExportRun>();
  let refused = 0;
  for (let at = 0; at < withManifest.length; at += CONCURRENT_MANIFESTS) {
    const some = withManifest.slice(at, at + CONCURRENT_MANIFESTS);
    const runs = await Promise.all(
      some.map(async (found) => ({ ...found, run: await refusals.collect(() => readManifest(found.manifest)) })),
    );
    for (const { run, ...found } of runs) {
      if (!run) {
        refused += 1;
        continue;
      }
      if ('reason' in run) {
        remarks.push(`Left out: ${found.manifest.name} ${run.reason}.`);
        continue;
      }
      const key = JSON.stringify([run.month, run.source, run.kind]);
      const other = newest.get(key);
      if (!other || other.submittedAt <= run.submittedAt) newest.set(key, { ...run, ...found });
    }
  }
  if (newest.size === 0 && refused === 0) {
    throw new InvalidInputError(
      [
        `There is no complete run of a Cost Management export below ${folder.name}: no ${MANIFEST} of one.`,
        ...remarks,
      ].join('\n'),
    );
  }
  const runs = [...newest].sort(
    ([key, one], [otherKey, other]) =>
      compare(one.month, other.month) ||
      one.submittedAt.getTime() - other.submittedAt.getTime() ||
      compare(key, otherKey),
  );
  return { runs: runs.map(([, run]) => run), remarks };
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/**
 * Reads all charges of a run, each in the run's billing month. Throws `InvalidInputError` for a part that is missing, or
 * that holds less or more than the manifest announces: nothing of such a run may be used.
 */
export async function* readExportRun(run: FoundExportRun): AsyncGenerator<CostFileBatch> {
  const parts = run.parts.map((part) => ({ part, file: requirePart(run, part) }));
  let all = 0;
  for (const { part, file } of parts) {
    let rows = 0;
    // FOCUS files are both whatever is asked for, and others what is asked for: so it shows when one is in the other's place.
    for await (const batch of readCostFile(file, run.kind === 'both' ? 'actual' : run.kind)) {
      if (batch.kind !== run.kind) {
        throw new InvalidInputError(
          `${file.name}: the manifest announces ${COLUMNS[run.kind]}, but the columns are those of ${COLUMNS[batch.kind]}.`,
        );
      }
      rows += batch.charges.length;
      for (const charge of batch.charges) charge.billingMonth = run.month;
      yield { ...batch, source: run.source };
    }
    if (part.rows !== null && rows !== part.rows) {
      throw new InvalidInputError(`${file.name}: the manifest announces ${part.rows} rows, but ${rows} were found.`);
    }
    all += rows;
  }
  if (run.rows !== null && all !== run.rows) {
    throw new InvalidInputError(
      `${run.manifest.name}: it announces ${run.rows} rows, but its parts hold ${all} together.`,
    );
  }
}

async function readManifest(manifest: FolderFile): Promise<ExportRun | OtherRun> {
  const blocks: Uint8Array[] = [];
  for await (const block of blocksOf(manifest)) blocks.push(block);
  return parseManifest(Buffer.concat(blocks).toString('utf8'), manifest.name);
}

function requirePart({ files, manifest }: FoundExportRun, { name, bytes }: ExportPart): FolderFile {
  const file = files.get(name);
  if (!file) throw new InvalidInputError(`${manifest.name}: it lists the part ${name}, which is not there.`);
  // Of compressed parts it is not documented which size is meant.
  if (bytes !== null && /\.csv$/i.test(name) && file.bytes !== bytes) {
    throw new InvalidInputError(`${file.name}: the manifest announces ${bytes} bytes, but ${file.bytes} were found.`);
  }
  return file;
}
