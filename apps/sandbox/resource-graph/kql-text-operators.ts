import { type KqlValue, textOf } from './kql-value.js';

type TextTest = (value: string, operand: string) => boolean;

const TESTS: Readonly<Record<string, TextTest>> = {
  Has: hasTerm,
  HasPrefix: (value, term) => termsOf(value).some((word) => word.startsWith(term)),
  HasSuffix: (value, term) => termsOf(value).some((word) => word.endsWith(term)),
  Contains: (value, part) => value.includes(part),
  StartsWith: (value, part) => value.startsWith(part),
  EndsWith: (value, part) => value.endsWith(part),
};

/**
 * The test of a text operator by its syntax kind, for instance `ContainsExpression`, `NotHasCsExpression` or
 * `MatchesRegexExpression`; undefined when the kind is no text operator. Only the `Cs` forms regard case.
 */
export function textOperator(kind: string): ((left: KqlValue, right: KqlValue) => boolean) | undefined {
  if (kind === 'MatchesRegexExpression') return matchesRegex;
  if (kind === 'EqualTildeExpression') return (a, b) => lower(a) === lower(b);
  if (kind === 'BangTildeExpression') return (a, b) => lower(a) !== lower(b);
  const match = /^(Not)?(Has|HasPrefix|HasSuffix|Contains|StartsWith|EndsWith)(Cs)?Expression$/.exec(kind);
  const test = match?.[2] ? TESTS[match[2]] : undefined;
  if (!match || !test) return undefined;
  const read = match[3] ? textOf : lower;
  const isNegated = match[1] !== undefined;
  return (left, right) => test(read(left), read(right)) !== isNegated;
}

/** `has_any` and `has_all` over a list of terms, without regard to case. */
export function hasTerms(value: KqlValue, terms: readonly KqlValue[], every: boolean): boolean {
  const text = lower(value);
  const has = (term: KqlValue): boolean => hasTerm(text, lower(term));
  return every ? terms.every(has) : terms.some(has);
}

/** True when `term` stands in `value` between characters that are neither letters nor digits. */
function hasTerm(value: string, term: string): boolean {
  for (let at = value.indexOf(term); at >= 0; at = value.indexOf(term, at + 1)) {
    if (!isWordCharacter(value[at - 1]) && !isWordCharacter(value[at + term.length])) return true;
    if (term === '') return true;
  }
  return false;
}

function termsOf(value: string): string[] {
  return value.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

const patterns = new Map<string, RegExp | null>();

/** A compiled expression; null when it is not one. Kusto's `(?i)` prefix becomes a flag. */
export function regexOf(pattern: string): RegExp | null {
  let known = patterns.get(pattern);
  if (known === undefined) {
    try {
      known = pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'i') : new RegExp(pattern);
    } catch {
      known = null;
    }
    patterns.set(pattern, known);
  }
  return known;
}

function matchesRegex(value: KqlValue, pattern: KqlValue): boolean {
  return regexOf(textOf(pattern))?.test(textOf(value)) ?? false;
}

function lower(value: KqlValue): string {
  return textOf(value).toLowerCase();
}
