import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Config } from '#core/config.js';
import { InvalidInputError } from '#core/errors.js';
import type { Logger } from '#core/logger.js';
import { Refusals } from '#core/refusals.js';
import type { Published } from '#db/record-sink.js';
import { importExports, type ExportOutcome } from './import-exports.js';
import { importFiles } from './import-files.js';
import { connectImportParts, type ImportParts } from './import-parts.js';

interface ImportArguments {
  names: string[];
  tenant?: string;
  kind?: 'actual' | 'amortized';
  replace?: boolean;
}

/**
 * `import FILE… --tenant ID [--kind actual|amortized] [--replace]`: all files in one transaction, or nothing;
 * `import FOLDER|URL… --tenant ID [--replace]`: the exports below it, a transaction for each run.
 */
export async function runImport(args: string[], config: Config, logger: Logger): Promise<number> {
  const options = readArguments(args);
  const { names } = options;
  const folders = await Promise.all(names.map(isFolder));
  const parts = await connectImportParts(config, logger, { readsAzure: names.some(isUrl) });
  try {
    if (!folders.includes(true))
      print(filesSummary(names, await importFiles(parts, names, { ...options, remark: print })));
    else if (folders.includes(false))
      throw new InvalidInputError('Name files or folders of exports, not both at once.');
    else if (options.kind) throw new InvalidInputError('--kind is for files; exports say it in their manifest.');
    else await importFolders(parts, names, options);
    return 0;
  } finally {
    await parts.close();
  }
}

async function importFolders(parts: ImportParts, urls: readonly string[], options: ImportArguments): Promise<void> {
  const refusals = new Refusals();
  for (const url of urls) await refusals.collect(() => importFolder(parts, url, refusals, options));
  refusals.throwIfAny();
}

async function importFolder(
  parts: ImportParts,
  url: string,
  refusals: Refusals,
  options: ImportArguments,
): Promise<void> {
  const { azure, clock } = parts;
  const { openFolder } = await import('#raw-store/open-folder.js');
  const folder = openFolder({ url, credential: () => azure!.processCredential(), clock, random: Math.random });
  for await (const outcome of importExports(parts, folder, refusals, { ...options, remark: print }))
    print(runSummary(outcome));
}

function readArguments(args: string[]): ImportArguments {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { tenant: { type: 'string' }, kind: { type: 'string' }, replace: { type: 'boolean' } },
    });
  } catch (error) {
    throw new InvalidInputError((error as Error).message);
  }
  const { positionals: names, values } = parsed;
  if (names.length === 0) throw new InvalidInputError('Name at least one file or folder: import FILE… --tenant ID.');
  if (values.kind !== undefined && values.kind !== 'actual' && values.kind !== 'amortized') {
    throw new InvalidInputError('--kind must be actual or amortized.');
  }
  return { names, ...values, kind: values.kind };
}

/** A URL names a folder, mostly of a storage account. */
function isUrl(name: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(name);
}

/** What is not there at all is for the reader of files to refuse. */
async function isFolder(name: string): Promise<boolean> {
  if (isUrl(name)) return true;
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function filesSummary(files: readonly string[], { rows, totals }: Published): string {
  const imported = `${files.length === 1 ? '1 file' : `${files.length} files`} imported: ${rows} daily records.`;
  return [imported, ...totals.map(totalLine)].join('\n');
}

function runSummary({ run, published, reason }: ExportOutcome): string {
  const place = `${run.month.slice(0, 7)} ${run.exportName}: run ${run.runId} of ${run.submittedAt.toISOString()}`;
  if (!published) return `${place} ${reason}.`;
  const files = run.parts.length === 1 ? '1 part' : `${run.parts.length} parts`;
  return [`${place} imported, ${files}: ${published.rows} daily records.`, ...published.totals.map(totalLine)].join(
    '\n',
  );
}

function totalLine({ currency, cost, amortized_cost }: Published['totals'][number]): string {
  return `${currency}: billed ${cost ?? 'not carried'}, effective ${amortized_cost ?? 'not carried'}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
