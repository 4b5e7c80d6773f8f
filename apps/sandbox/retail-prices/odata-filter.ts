import type { PriceItem } from './price-list.js';

/** A filter that the price list does not understand, or that compares too often. */
export class FilterError extends Error {}

type Predicate = (item: PriceItem) => boolean;

/** Fields that may be compared; `priceType` is the one that answers name differently. */
const FIELDS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'armRegionName location meterId meterName productId skuId productName skuName serviceName serviceId serviceFamily ' +
    'armSkuName reservationTerm type'
  )
    .split(' ')
    .map((name) => [name, name])
    .concat([['priceType', 'type']]),
);
const MOST_COMPARISONS = 15;
const TOKEN = /\s*(?:([(),])|'((?:[^']|'')*)'|([A-Za-z]+))/y;

interface Token {
  readonly kind: 'sign' | 'text' | 'word' | 'end';
  readonly value: string;
}

/**
 * An OData filter of `eq`, `ne`, `and`, `or`, `contains` and brackets as a predicate; text is compared case by case.
 * Throws `FilterError` for everything else, `not` and `in` included, as the API refuses it.
 */
export function parseFilter(filter: string): Predicate {
  const tokens = tokenize(filter);
  let at = 0;
  let comparisons = 0;
  const peek = (): Token => tokens[at]!;
  const take = (kind: Token['kind'], ...values: string[]): string => {
    const token = peek();
    if (token.kind !== kind || (values.length > 0 && !values.includes(token.value))) {
      throw new FilterError(`${token.value} was not expected`);
    }
    at += 1;
    return token.value;
  };
  const joined = (word: 'or' | 'and', part: () => Predicate): Predicate => {
    const parts = [part()];
    while (peek().kind === 'word' && peek().value === word) {
      at += 1;
      parts.push(part());
    }
    return word === 'or' ? (item) => parts.some((each) => each(item)) : (item) => parts.every((each) => each(item));
  };
  const field = (): string => {
    const name = FIELDS[take('word')];
    if (!name) throw new FilterError('no such field');
    if (++comparisons > MOST_COMPARISONS) throw new FilterError('too many comparisons');
    return name;
  };
  const any = (): Predicate => joined('or', all);
  const all = (): Predicate => joined('and', one);
  const one = (): Predicate => {
    if (peek().kind === 'sign') {
      take('sign', '(');
      const inner = any();
      take('sign', ')');
      return inner;
    }
    if (peek().value === 'contains') return containing();
    const name = field();
    const isEqual = take('word', 'eq', 'ne') === 'eq';
    const value = take('text');
    return (item) => (item[name] === value) === isEqual;
  };
  const containing = (): Predicate => {
    take('word', 'contains');
    take('sign', '(');
    const name = field();
    take('sign', ',');
    const part = take('text');
    take('sign', ')');
    const contains: Predicate = (item) => String(item[name] ?? '').includes(part);
    if (peek().kind !== 'word' || !['eq', 'ne'].includes(peek().value)) return contains;
    const isEqual = take('word', 'eq', 'ne') === 'eq';
    const wanted = take('word', 'true', 'false') === 'true';
    return (item) => (contains(item) === wanted) === isEqual;
  };
  const predicate = any();
  take('end');
  return predicate;
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  const text = filter.trimEnd();
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [match, sign, quoted, word] = TOKEN.exec(text) ?? [];
    if (match === undefined) throw new FilterError(`${text.slice(at)} is not understood`);
    if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
    else if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
    else tokens.push({ kind: 'word', value: word! });
  }
  return [...tokens, { kind: 'end', value: 'the end' }];
}
