import { type KqlValue, textOf } from './kql-value.js';
import { QueryError } from './query-error.js';

type TextTest = (value: string, operand: string) => boolean;

const TESTS: Readonly<Record<string, TextTest>> = {
  Has: (value, term) => hasTerm(value, term, 'both'),
  HasPrefix: (value, term) => hasTerm(value, term, 'start'),
  HasSuffix: (value, term) => hasTerm(value, term, 'end'),
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
  const has = (term: KqlValue): boolean => hasTerm(text, lower(term), 'both');
  return every ? terms.every(has) : terms.some(has);
}

/**
 * True when `term` stands in `value` with a character that is neither letter nor digit, or nothing, at these ends. An
 * underscore is such a character, unlike in a regular expression; every value has the empty term.
 */
function hasTerm(value: string, term: string, ends: 'start' | 'end' | 'both'): boolean {
  if (term === '') return true;
  for (let at = value.indexOf(term); at >= 0; at = value.indexOf(term, at + 1)) {
    const starts = ends === 'end' || !isWordCharacter(value[at - 1]);
    const stops = ends === 'start' || !isWordCharacter(value[at + term.length]);
    if (starts && stops) return true;
  }
  return false;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

const MAX_CACHED_PATTERNS = 200;
const patterns = new Map<string, RegExp>();

/**
 * A compiled RE2 expression; its `(?i)` prefix becomes a flag. Throws a `QueryError` for what is none, and for what
 * JavaScript would take but RE2 does not know: look-around, back-references, possessive or named JavaScript groups.
 */
export function regexOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known) return known;
  if (/(?<!\\)(\\\\)*(\(\?(=|!|<)|\\[1-9]|\\k)/.test(pattern)) {
    throw new QueryError(`The regular expression '${pattern}' is not RE2.`);
  }
  try {
    const compiled = pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'i') : new RegExp(pattern);
    if (patterns.size >= MAX_CACHED_PATTERNS) patterns.clear();
    patterns.set(pattern, compiled);
    return compiled;
  } catch {
    throw new QueryError(`The regular expression '${pattern}' is not supported.`);
  }
}

function matchesRegex(value: KqlValue, pattern: KqlValue): boolean {
  return regexOf(textOf(pattern)).test(textOf(value));
}

function lower(value: KqlValue): string {
  return textOf(value).toLowerCase();
}
