import type { InventoryResource } from '#core/facts.js';

/** The value of a tag whose name the expression matches; undefined without such a tag. Azure's tag names know no case. */
export function tagValue({ tags }: Pick<InventoryResource, 'tags'>, name: RegExp): string | undefined {
  return Object.entries(tags).find(([tag]) => name.test(tag))?.[1];
}

const KEEP = /^(keep|do[ _.-]?not[ _.-]?delete|no[ _.-]?delete)$/i;

/** Whether a tag says that the owner wants to keep it; `keep: false` does not, an empty value does. */
export function isMarkedToKeep(resource: Pick<InventoryResource, 'tags'>): boolean {
  return Object.entries(resource.tags).some(
    ([name, value]) => KEEP.test(name) && !/^(false|no|0)$/i.test(value.trim()),
  );
}

const NOT_PRODUCTION =
  /^(dev|develop|development|test|testing|qa|uat|staging|stage|sandbox|demo|poc|lab|nonprod|non-prod)$/i;

/** The environment that a tag names, lower-cased; undefined where none does. */
export function environmentOf(resource: Pick<InventoryResource, 'tags'>): string | undefined {
  return (
    tagValue(resource, /^(env|environment|stage|deployment[-_ ]?environment)$/i)
      ?.trim()
      .toLowerCase() || undefined
  );
}

/** Whether a tag says that it is no production; false where no tag speaks of it. */
export function isNotProduction(resource: Pick<InventoryResource, 'tags'>): boolean {
  return NOT_PRODUCTION.test(environmentOf(resource) ?? '');
}

/** Whether Kubernetes made it and takes it away by itself: a volume, an address, whatever is in a node resource group. */
export function isKubernetesManaged({
  tags,
  resourceGroup,
}: Pick<InventoryResource, 'tags' | 'resourceGroup'>): boolean {
  const made = Object.keys(tags).some((name) => /^(kubernetes\.io-|k8s-azure-|aks-managed-)/i.test(name));
  return made || /^mc_/i.test(resourceGroup ?? '');
}
