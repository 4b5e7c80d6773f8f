import { type Day, addDays } from '#core/day.js';
import type { Subscription } from './estate.js';
import { COST_CENTERS } from './names.js';
import type { Resource, ResourceDraft } from './resource.js';
import { SeededRandom, hash32 } from './seeded-random.js';

/** First day of day counting; a day number is the number of days after it. */
const EPOCH: Day = '1970-01-01';

/** The number of days from 1970-01-01 to `day`. */
export function dayNumber(day: Day): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
}

/** The day with that number. */
export function dayOfNumber(number: number): Day {
  return addDays(EPOCH, number);
}

/** Where and for whom a group of related resources is generated. */
export class WorkloadContext {
  readonly random: SeededRandom;
  readonly resources: Resource[] = [];
  private readonly groupSegment: string;
  private readonly tags: Readonly<Record<string, string>> | null;

  constructor(
    readonly subscription: Subscription,
    readonly application: string,
    readonly resourceGroup: string,
    readonly location: string,
    /** Distinguishes resources of the same application; ends in the generation for workloads that come and go. */
    readonly suffix: string,
    /** The day the resources were created. */
    readonly createdOn: Day,
    seedParts: readonly (string | number)[],
    /** The same for every resource; drawn where absent. */
    tags?: Readonly<Record<string, string>>,
  ) {
    this.random = new SeededRandom(...seedParts);
    // Some providers upper-case the group segment of ids they hand out.
    this.groupSegment = this.random.chance(0.12) ? resourceGroup.toUpperCase() : resourceGroup;
    this.tags = tags ?? this.drawTags();
  }

  /** Full resource id for a type and name; child types take `parent/child` names. */
  idOf(type: string, name: string, group = this.groupSegment): string {
    const [provider = '', ...types] = type.split('/');
    const names = name.split('/');
    const tail = types.map((segment, index) => `${segment}/${names[index] ?? ''}`).join('/');
    return `/subscriptions/${this.subscription.subscriptionId}/resourceGroups/${group}/providers/${provider}/${tail}`;
  }

  /** Completes a draft and adds it to the workload. */
  add(draft: ResourceDraft): Resource {
    const id = this.idOf(draft.type, draft.name, draft.resourceGroup);
    const resource: Resource = {
      kind: '',
      location: this.location,
      resourceGroup: this.resourceGroup,
      sku: null,
      managedBy: '',
      identity: null,
      zones: null,
      tags: this.tags,
      meters: [],
      ...draft,
      id,
      seed: hash32(this.subscription.seed, id.toLowerCase()),
    };
    this.resources.push(resource);
    return resource;
  }

  /** The creation instant as Azure writes it. */
  get createdAt(): string {
    const minutes = this.random.below(24 * 60);
    const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    return `${this.createdOn}T${clock}:00.0000000Z`;
  }

  private drawTags(): Readonly<Record<string, string>> | null {
    const { random } = this;
    if (random.chance(0.15)) return null;
    const tags: Record<string, string> = {};
    // Both spellings occur in real estates; a report has to fold them.
    if (random.chance(0.85)) {
      tags[random.chance(0.9) ? 'environment' : 'Environment'] = this.subscription.environment;
    }
    if (random.chance(0.75)) tags['cost-center'] = random.pick(COST_CENTERS);
    if (random.chance(0.6)) tags['application'] = this.application;
    if (random.chance(0.3)) tags['owner'] = `${this.application}-team@contoso.example`;
    return tags;
  }
}
