import { InvariantError } from '#core/errors.js';

/** What a raw page belongs to. */
export interface RawPageIdentity {
  tenantId: string;
  connector: string;
  /** When it was received; its UTC day becomes the folder. */
  at: Date;
  /** `tenant`, or a subscription's id. */
  scope: string;
  runId: string;
  windowId: string;
  attempt: number;
  label: string;
}

const MAX_PART_LENGTH = 64;

/**
 * The path of a raw page: `{tenant}/{connector}/YYYY/MM/DD/{scope}_{run}_{window}_{attempt}_{label}.json.gz`.
 * Anything but letters, digits, dots and hyphens becomes a hyphen, so that no part can leave its folder.
 */
export function rawPath({ tenantId, connector, at, scope, runId, windowId, attempt, label }: RawPageIdentity): string {
  const [year = '', month = '', day = ''] = at.toISOString().slice(0, 10).split('-');
  const name = [scope, runId, windowId, String(attempt), label].map(part).join('_');
  return [part(tenantId), part(connector), year, month, day, `${name}.json.gz`].join('/');
}

/** Throws `InvariantError` for a path that is not a plain relative one: adapters never follow it anywhere else. */
export function requirePlainPath(path: string): string {
  const segments = path.split('/');
  if (segments.some((segment) => !/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
    throw new InvariantError(`${JSON.stringify(path)} is not a path of the raw store.`);
  }
  return path;
}

function part(text: string): string {
  const safe = text
    .replace(/[^A-Za-z0-9.-]/g, '-')
    .replace(/^\.+/, '-')
    .slice(0, MAX_PART_LENGTH);
  return safe === '' ? '-' : safe;
}
