import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '#core/errors.js';

/** Where raw pages go, read from the configured URL. */
export type RawLocation =
  | { kind: 'folder'; folder: string }
  | {
      kind: 'lake';
      /** Service URL; ends with the account's name where a custom host carries it in the path. */
      serviceUrl: string;
      filesystem: string;
      /** Folder inside the file system, without slashes at its ends; empty for none. */
      prefix: string;
      /** The account in the path of a custom host; null where the host name carries it. */
      accountInPath: string | null;
    };

/** Azure Storage's host names carry the account, so their paths start with the file system. */
const AZURE_STORAGE_HOST = /^[a-z0-9]+\.(dfs|blob)\./i;

/**
 * Reads `abfss://filesystem@account.dfs.core.windows.net[/prefix]`, `https://host[:port]/[account/]filesystem`, a
 * `file:` URL or a plain path. Throws `ConfigurationError` for anything else.
 */
export function parseRawLocation(url: string): RawLocation {
  if (url.startsWith('file://')) return { kind: 'folder', folder: fileURLToPath(url) };
  if (url.startsWith('file:')) return { kind: 'folder', folder: url.slice('file:'.length) };
  if (/^abfss:\/\//i.test(url)) return abfssLocation(url);
  if (/^https:\/\//i.test(url)) return httpsLocation(url);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(url) || url === '') throw unusable(url);
  return { kind: 'folder', folder: url };
}

function abfssLocation(url: string): RawLocation {
  const match = /^abfss:\/\/([^@/]+)@([^/]+)(\/.*)?$/i.exec(url);
  if (!match?.[1] || !match[2]) throw unusable(url);
  return {
    kind: 'lake',
    serviceUrl: `https://${match[2]}`,
    filesystem: match[1],
    prefix: (match[3] ?? '').replace(/^\/+|\/+$/g, ''),
    accountInPath: null,
  };
}

function httpsLocation(text: string): RawLocation {
  const url = URL.canParse(text) ? new URL(text) : null;
  const segments = url?.pathname.split('/').filter((segment) => segment !== '') ?? [];
  if (!url || segments.length === 0 || url.search !== '' || url.username !== '') throw unusable(text);
  const accountInPath =
    !AZURE_STORAGE_HOST.test(url.hostname) && segments.length > 1 ? (segments.shift() ?? null) : null;
  const [filesystem = '', ...prefix] = segments;
  return {
    kind: 'lake',
    serviceUrl: accountInPath === null ? url.origin : `${url.origin}/${accountInPath}`,
    filesystem,
    prefix: prefix.join('/'),
    accountInPath,
  };
}

function unusable(url: string): ConfigurationError {
  return new ConfigurationError([
    `RAW_STORAGE_URL must be abfss://filesystem@account.dfs.core.windows.net, https://host/[account/]filesystem, a ` +
      `file: URL or a path (without SAS or user), but is ${JSON.stringify(url.replace(/\?.*$/s, '?…'))}.`,
  ]);
}
