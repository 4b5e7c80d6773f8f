import type { InventoryResource } from '#core/facts.js';
import type { Level, RecommendationRecord, RecommendedAction } from '#core/records.js';
import type { Estate } from './estate.js';
import type { Saving } from './savings.js';

export const CATEGORIES = ['waste', 'rightsizing', 'rate', 'modernisation', 'governance'] as const;

/** A line that a rule draws; tenants may move it within the bounds. */
export interface Threshold {
  default: number;
  minimum: number;
  maximum: number;
  unit: string;
  meaning: string;
}
export type Thresholds = Readonly<Record<string, Threshold>>;

/**
 * How a person follows the recommendation. Texts are Markdown, commands are Azure CLI, Terraform is a hint in HCL; in
 * all of them `{id}`, `{name}`, `{resource_group}`, `{subscription}`, `{location}` and `{evidence.…}` stand for the finding's.
 */
export interface Runbook {
  /** What to look at before anything is changed. */
  check: readonly string[];
  azureCli: readonly string[];
  portal: readonly string[];
  terraform: string;
  verify: readonly string[];
  undo: readonly string[];
}

export interface RuleContext<T extends Thresholds = Thresholds> {
  estate: Estate;
  thresholds: Readonly<Record<keyof T, number>>;
  now: Date;
  /** Whether another rule, as the tenant has set it, finds the resource: of two that exclude each other one speaks. */
  finds(other: Rule, resource: InventoryResource): boolean;
}

/** What a rule says about one resource. */
export type Verdict =
  | {
      kind: 'found';
      /** One sentence with the values that matter. */
      reason: string;
      /** snake_case names, the values as they were. */
      evidence: Readonly<Record<string, unknown>>;
      /** Null where nothing is known of the money, and for what costs nothing. */
      saving: Saving | null;
      /** How sure it is that the condition holds and means waste, 0 to 1. */
      certainty: number;
      /** Names what excludes each other, with this and with what other sources say; as in a recommendation's record. */
      alternativeOf?: string;
    }
  /** Examined and left alone. */
  | { kind: 'fine'; reason: string }
  /** Not to be judged: what it takes is missing. Nothing is concluded. */
  | { kind: 'undecided'; reason: string };

/** A rule: what it looks at, what it says, and how a person acts on that. Pure: everything it knows comes in. */
export interface Rule<T extends Thresholds = Thresholds> {
  /** Its folder's name. */
  id: string;
  /** The recommendation as an imperative, e.g. `Delete the unattached disk`. */
  title: string;
  /** What it finds, in a sentence. */
  finds: string;
  /** What looks alike and is left alone, one phrase each. */
  leavesOut: readonly string[];
  /** How savings come about, in a sentence. */
  savings: string;
  category: (typeof CATEGORIES)[number];
  action: RecommendedAction;
  impact: NonNullable<RecommendationRecord['impact']>;
  risk: Level;
  effort: Level;
  /** Lower-cased; `microsoft.resources/subscriptions` for the subscription itself. */
  resourceTypes: readonly string[];
  /** What must have been read for a verdict or for its amount. */
  needs: readonly ('costs' | 'metrics' | 'prices' | 'sizes')[];
  thresholds: T;
  runbook: Runbook;
  links: readonly { title: string; url: string }[];
  evaluate(resource: InventoryResource, context: RuleContext<T>): Verdict;
}

/** States a rule; its thresholds' names are known to its `evaluate`. */
export function defineRule<const T extends Thresholds>(rule: Rule<T>): Rule {
  return rule as unknown as Rule;
}

/** Examined and left alone, for a reason such as `attached`. */
export function fine(reason: string): Verdict {
  return { kind: 'fine', reason };
}

/** Not to be judged, because of something such as `no_metrics`. */
export function undecided(reason: string): Verdict {
  return { kind: 'undecided', reason };
}

/** Found. */
export function found(finding: Omit<Extract<Verdict, { kind: 'found' }>, 'kind'>): Verdict {
  return { kind: 'found', ...finding };
}
