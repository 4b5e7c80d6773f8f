import type { MeterUse } from './meters.js';

/** A generated resource, as Resource Graph shows it and as billing meters it. */
export interface Resource {
  /** Full id in the provider's casing; the resource-group segment is not always cased like the group. */
  readonly id: string;
  /** Type in the provider's casing, for instance `Microsoft.Compute/virtualMachines`. */
  readonly type: string;
  readonly name: string;
  readonly kind: string;
  readonly location: string;
  readonly resourceGroup: string;
  readonly sku: Readonly<Record<string, unknown>> | null;
  readonly managedBy: string;
  readonly identity: Readonly<Record<string, unknown>> | null;
  readonly zones: readonly string[] | null;
  readonly tags: Readonly<Record<string, string>> | null;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly meters: readonly MeterUse[];
  /** Seed of the resource's daily usage. */
  readonly seed: number;
}

/** What a workload states about a resource; everything else is derived. */
export type ResourceDraft = Pick<Resource, 'type' | 'name' | 'properties'> & Partial<Resource>;
