import { azureError } from '../http/exchange.js';
import type { Recommendation } from './recommendation.js';

type Predicate = (recommendation: Recommendation) => boolean;

const FIELDS: Readonly<Record<string, (recommendation: Recommendation) => string>> = {
  resourceid: ({ resourceId }) => resourceId,
  resourcegroup: ({ resourceGroup }) => resourceGroup,
  recommendationtypeguid: ({ type }) => type.typeId,
  category: ({ type }) => type.category,
};
const TOKEN = /\s*(\(|\)|'(?:[^']|'')*'|[A-Za-z]+)/y;

/** Reads a `$filter` of `eq`, `and`, `or` and parentheses. Throws the service's 400. */
export function parseRecommendationFilter(text: string): Predicate {
  const tokens = tokensOf(text);
  let at = 0;
  const next = (): string => tokens[at++] ?? refuse(text);
  const takes = (word: string): boolean => {
    const isNext = tokens[at]?.toLowerCase() === word;
    if (isNext) at++;
    return isNext;
  };
  const comparison = (): Predicate => {
    if (takes('(')) {
      const inner = either();
      return takes(')') ? inner : refuse(text);
    }
    const name = next().toLowerCase();
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (!field || !takes('eq')) return refuse(text);
    const literal = next();
    if (!literal.startsWith("'")) return refuse(text);
    const wanted = literal.slice(1, -1).replaceAll("''", "'").toLowerCase();
    return (recommendation) => field(recommendation).toLowerCase() === wanted;
  };
  const both = (): Predicate => {
    const parts = [comparison()];
    while (takes('and')) parts.push(comparison());
    return (recommendation) => parts.every((part) => part(recommendation));
  };
  const either = (): Predicate => {
    const parts = [both()];
    while (takes('or')) parts.push(both());
    return (recommendation) => parts.some((part) => part(recommendation));
  };
  const predicate = either();
  return at === tokens.length ? predicate : refuse(text);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (!match?.[1]) return refuse(text);
    tokens.push(match[1]);
  }
  return tokens;
}

function refuse(text: string): never {
  throw azureError(
    400,
    'BadRequest',
    `The filter '${text}' is invalid. Filters compare ResourceId, ResourceGroup, RecommendationTypeGuid or Category with 'eq', joined by 'and' or 'or'.`,
  );
}
