import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { isKubernetesManaged, tagValue } from './tags.js';

/** Which service made the account for itself and looks after it; undefined where none did. */
export function accountKeeper(account: InventoryResource): string | undefined {
  if (isKubernetesManaged(account)) return 'kubernetes';
  if (tagValue(account, /^databricks-environment$/i) !== undefined) return 'databricks';
  return tagValue(account, /^ms-resource-usage$/i)?.toLowerCase() === 'azure-cloud-shell' ? 'cloud_shell' : undefined;
}

const named = new WeakMap<Estate, ReadonlySet<string>>();

/**
 * Whether another resource's properties name the account, by its id or one of its addresses: boot diagnostics, flow logs,
 * a workspace. A private endpoint to it is no use of it.
 */
export function isNamedByAnother(account: InventoryResource, estate: Estate): boolean {
  let accounts = named.get(estate);
  if (!accounts) named.set(estate, (accounts = namedAccounts(estate)));
  return accounts.has(account.name.toLowerCase());
}

const NOT_USES = new Set(['microsoft.storage/storageaccounts', 'microsoft.network/privateendpoints']);
const NAME = /\/storageaccounts\/([a-z0-9]{3,24})|^https?:\/\/([a-z0-9]{3,24})\.(?:blob|file|queue|table|dfs)\./i;

function namedAccounts(estate: Estate): ReadonlySet<string> {
  const accounts = new Set<string>();
  const read = (value: unknown): void => {
    if (typeof value === 'string') {
      const [, byId, byAddress] = NAME.exec(value) ?? [];
      const account = byId ?? byAddress;
      if (account !== undefined) accounts.add(account.toLowerCase());
    } else if (value !== null && typeof value === 'object') Object.values(value).forEach(read);
  };
  for (const { type, properties } of estate.facts.resources) if (!NOT_USES.has(type)) read(properties);
  return accounts;
}
