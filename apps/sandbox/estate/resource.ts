import type { MeterUse } from './meters.js';

/** How hard a machine works; decides its metrics and what Advisor says about it. */
export type UtilizationProfile =
  'idle' | 'underutilized' | 'memory-bound' | 'normal' | 'busy' | 'no-memory-data' | 'no-data';

/** What a careful reviewer says about a resource that was made to be wasteful. */
export interface Waste {
  /** The kind of waste, in lower-case words with hyphens. */
  readonly kind: string;
  /** It is waste once `days` have passed since the instant; at once where there is none. */
  readonly since?: string;
  readonly days?: number;
  /** What is wasteful; the resource itself where absent. */
  readonly of?: 'subscription';
}

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
  /** Absent for what nobody has reviewed. */
  readonly waste?: readonly Waste[];
  /** How hard a machine works; drawn where absent. */
  readonly utilization?: UtilizationProfile;
  /** Where its metrics stand, steadily, by name and in their own unit; null for one that it does not emit. */
  readonly levels?: Readonly<Record<string, number | null>>;
}

/** What a workload states about a resource; everything else is derived. */
export type ResourceDraft = Pick<Resource, 'type' | 'name' | 'properties'> & Partial<Resource>;
