import { canonicalDecimal, divideDecimal, isDecimal } from '#core/money.js';
import type { RecommendationRecord } from '#core/records.js';
import { isObject, textOrNull, type JsonObject } from '../azure/json-body.js';

type Impact = NonNullable<RecommendationRecord['impact']>;

/** Savings assumed for a recommendation that states none, in US dollars a month: a guess, and marked as one. */
const GUESSED_SAVINGS: Readonly<Record<Impact, string>> = { High: '500', Medium: '100', Low: '20' };
const GUESSED_CURRENCY = 'USD';
const CONFIDENCE: Readonly<Record<Impact, string>> = { High: '0.9', Medium: '0.7', Low: '0.5' };

/** The type is optional in Advisor's description; its id tells such a recommendation from others. */
const UNTYPED = 'untyped';

/** Types of recommendations that offer the same purchase in variants (term, look-back period, scope). */
const RESERVATION_TYPES: ReadonlySet<string> = new Set(['84b1a508-fc21-49da-979e-96894f1665df']);
/** Under-used virtual machines and scale sets. */
const RIGHTSIZING_TYPES: ReadonlySet<string> = new Set([
  'e10b1381-5f0a-47ff-8c7b-37bd13d7c974',
  '94aea435-ef39-493f-a547-8408092c22a7',
]);
const SAVINGS_PLAN_TYPES: ReadonlySet<string> = new Set(['89515250-1243-43d1-b4e7-f9437cedffd8']);

/**
 * One recommendation, from Resource Graph or from the REST list, as a record; null when it has no id, or
 * neither that nor its resource names a subscription. All of Advisor's numbers arrive as text.
 */
export function toRecommendation(item: unknown): RecommendationRecord | null {
  if (!isObject(item)) return null;
  const id = textOrNull(item['id']);
  const properties = objectOf(item['properties']);
  const typeId = textOrNull(properties['recommendationTypeId'])?.toLowerCase() ?? UNTYPED;
  const stated = textOrNull(objectOf(properties['resourceMetadata'])['resourceId'])?.toLowerCase();
  const subscriptionId = subscriptionOf(id) ?? subscriptionOf(stated);
  if (!id || !subscriptionId) return null;
  const extended = objectOf(properties['extendedProperties']);
  const impact = impactOf(properties['impact']);
  const { problem, solution } = objectOf(properties['shortDescription']);
  return {
    sourceId: id.toLowerCase(),
    rule: `advisor/${typeId}`,
    category: (textOrNull(properties['category']) ?? 'Cost').toLowerCase(),
    title: textOrNull(solution) ?? textOrNull(problem) ?? typeId,
    subscriptionId,
    resourceId: resourceOf(stated, id, subscriptionId),
    reason: textOrNull(problem),
    impact,
    action: actionOf(typeId, extended),
    risk: null,
    effort: null,
    ...savingsOf(extended, impact),
    savingsLow: null,
    savingsHigh: null,
    monthlyCost: null,
    confidence: CONFIDENCE[impact ?? 'Low'],
    confidenceParts: {},
    alternativeOf: alternativesOf(typeId, subscriptionId, extended),
    suppressed: Array.isArray(properties['suppressionIds']) && properties['suppressionIds'].length > 0,
    evidence: {
      problem: textOrNull(problem),
      impacted_field: textOrNull(properties['impactedField'])?.toLowerCase() ?? null,
      impacted_value: textOrNull(properties['impactedValue']),
      last_updated: textOrNull(properties['lastUpdated']),
      ...extended,
    },
  };
}

/**
 * What a type asks for, so that it is not added to what our own rules say of the same resource; null for types that
 * nobody has classified. One type is about shutting machines down as well as about resizing them.
 */
function actionOf(typeId: string, extended: JsonObject): RecommendationRecord['action'] {
  if (RESERVATION_TYPES.has(typeId) || SAVINGS_PLAN_TYPES.has(typeId)) return 'commit';
  if (extended['reservedResourceType'] !== undefined) return 'commit';
  if (!RIGHTSIZING_TYPES.has(typeId)) return null;
  return /shutdown/i.test(textOrNull(extended['recommendationType']) ?? '') ? 'stop' : 'resize';
}

function impactOf(value: unknown): Impact | null {
  const text = textOrNull(value)?.toLowerCase();
  return (['High', 'Medium', 'Low'] as const).find((impact) => impact.toLowerCase() === text) ?? null;
}

/** Monthly as Advisor states it, else a twelfth of the annual amount, else a guess by impact. */
function savingsOf(
  extended: JsonObject,
  impact: Impact | null,
): Pick<RecommendationRecord, 'estimatedMonthlySavings' | 'currency' | 'savingsMethod'> {
  const monthly = amountOf(extended['savingsAmount']);
  const annual = amountOf(extended['annualSavingsAmount']);
  const currency = textOrNull(extended['savingsCurrency'])?.toUpperCase();
  const stated = monthly ?? (annual === null ? null : divideDecimal(annual, 12));
  // An amount of no currency is no amount.
  if (stated !== null && currency !== undefined && /^[A-Z]{3}$/.test(currency)) {
    return { estimatedMonthlySavings: stated, currency, savingsMethod: 'stated' };
  }
  return {
    estimatedMonthlySavings: GUESSED_SAVINGS[impact ?? 'Low'],
    currency: GUESSED_CURRENCY,
    savingsMethod: 'guessed',
  };
}

function amountOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return isDecimal(text) ? canonicalDecimal(text) : null;
}

/**
 * What excludes each other: the variants of one reservation (same size and region), and the variants of a savings
 * plan. The path's second part tells commitments apart that compete for the same usage.
 */
function alternativesOf(typeId: string, subscriptionId: string, extended: JsonObject): string | null {
  const text = (...names: string[]) =>
    names.map((name) => textOrNull(extended[name])).find((value) => value !== null) ?? '';
  const owner = textOrNull(extended['subId'])?.toLowerCase() ?? subscriptionId;
  if (SAVINGS_PLAN_TYPES.has(typeId)) return `commitment/savings-plan/${owner}/${text('sku')}`.toLowerCase();
  const isReservation = RESERVATION_TYPES.has(typeId) || extended['reservedResourceType'] !== undefined;
  if (!isReservation) return null;
  const what = [text('reservedResourceType'), text('displaySKU', 'vmSize', 'sku'), text('region', 'location')];
  return `commitment/reservation/${owner}/${what.join('/')}`.toLowerCase();
}

/** The resource that is to change; null where the recommendation hangs off the subscription itself. */
function resourceOf(stated: string | undefined, id: string, subscriptionId: string): string | null {
  const owner = stated ?? id.toLowerCase().replace(/\/providers\/microsoft\.advisor\/recommendations\/[^/]+$/, '');
  return owner === `/subscriptions/${subscriptionId}` ? null : owner;
}

function subscriptionOf(id: string | null | undefined): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(id ?? '')?.[1]?.toLowerCase();
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
