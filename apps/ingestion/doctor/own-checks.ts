import { randomUUID } from 'node:crypto';
import type { AzureApi } from '#connectors/azure/azure-api.js';
import { passed, refused, type CheckResult } from '#core/check.js';
import type { Clock } from '#core/clock.js';
import type { Config } from '#core/config.js';
import { ConfigurationError, SourceError } from '#core/errors.js';
import { createRawStore } from '#raw-store/create-raw-store.js';
import { parseRawLocation, type RawLocation } from '#raw-store/raw-location.js';
import type { NamedCheck } from './diagnosis.js';

/** A write to a lake is tried five times; the doctor's are shorter than a run's. */
const ATTEMPT_TIMEOUT_MS = 5_000;

/** Names results of one check. */
export function named(name: string, result: CheckResult): NamedCheck {
  return { name, ...result };
}

/**
 * Opens something that everything else needs. A `ConfigurationError` is thrown on, because it ends every process in the
 * same way; any other failure is a result.
 */
export async function opened<T>(
  name: string,
  open: () => Promise<T>,
  reason: string,
  action: string,
): Promise<{ value: T | null; check: NamedCheck }> {
  try {
    return { value: await open(), check: named(name, passed('', reason)) };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    return { value: null, check: named(name, broken(describe(error), action)) };
  }
}

/** Who signs in to which database; never the password. */
export function databaseTarget(databaseUrl: string): string {
  const { username, host, pathname } = new URL(databaseUrl);
  return `login ${decodeURIComponent(username) || '(of the environment)'} at ${host}${pathname}`;
}

/** Writes a page of a name that is used once, since the store never overwrites, and reads it back. */
export async function checkRawStore(config: Config, azure: AzureApi, clock: Clock): Promise<NamedCheck> {
  const location = parseRawLocation(config.rawStorageUrl);
  const now = clock.now();
  const path = `doctor/${now.toISOString().slice(0, 10).replaceAll('-', '/')}/probe_${randomUUID()}.json.gz`;
  const page = Buffer.from(JSON.stringify({ written_by: 'azcops doctor', at: now.toISOString() }));
  try {
    const store = createRawStore({
      url: config.rawStorageUrl,
      credential: () => azure.processCredential(),
      clock,
      random: Math.random,
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    });
    await store.write(path, page);
    const found = await store.read(path);
    if (!found || !page.equals(found)) throw new Error(`${path} was read back as something else.`);
    return named('raw store', passed('', `${config.rawStorageUrl} is writable: wrote ${path} and read it back.`));
  } catch (error) {
    if (error instanceof SourceError) {
      return named('raw store', refused({ subject: '', scope: grantScope(location) }, error, now));
    }
    return named('raw store', broken(describe(error), 'Make RAW_STORAGE_URL writable for this process.'));
  }
}

/** The container alone, whose resource id the URL does not tell. */
function grantScope(location: RawLocation): string {
  if (location.kind === 'folder') return location.folder;
  const account = location.accountInPath ?? new URL(location.serviceUrl).hostname.split('.')[0];
  const id = `$(az storage account show --name ${account} --query id --output tsv)`;
  return `${id}/blobServices/default/containers/${location.filesystem}`;
}

function broken(reason: string, action: string): CheckResult {
  return { subject: '', outcome: 'failed', reason, action, grant: null };
}

/** A connection that was refused at every address of a name has no message of its own. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : null;
  return error.message || (inner instanceof Error ? inner.message : error.name);
}
