/*
 * Azure compares tag names without regard to case, Resource Graph's `tags.name` does not: a path into `tags` finds one
 * spelling only, and `tags[...]` accepts no pattern. `mv-expand` over the names would multiply rows and stops at 128.
 * So these conditions match a case-insensitive expression with the JSON text of `tags`. Quotes inside names and values
 * are escaped in that text, hence an unescaped quote on both sides with a colon behind is always a name.
 */

/** True where the resource has a tag with one of these names, whatever its value. Names are RE2 patterns. */
export function hasTag(...names: readonly string[]): string {
  return `tostring(tags) matches regex @'(?i)"(${names.join('|')})"\\s*:'`;
}

/** True where the resource has a tag with one of these names and a value that is not blank. */
export function hasTagWithValue(...names: readonly string[]): string {
  return `tostring(tags) matches regex @'(?i)"(${names.join('|')})"\\s*:\\s*"\\s*[^"\\s]'`;
}

/** Names by which owners mark what must stay although nothing uses it; there is no convention of Azure's. */
const KEEP_MARKS = ['keep', 'do[ _.-]?not[ _.-]?delete', 'no[ _.-]?delete'];

/**
 * True unless a tag says that the owner wants to keep the resource. `keep: false` does not say so, an empty value does;
 * each name counts for itself, because RE2 cannot look ahead for "any other value".
 */
export const NOT_MARKED_TO_KEEP = KEEP_MARKS.map(
  (name) => `(not(${hasTag(name)}) or tostring(tags) matches regex @'(?i)"${name}"\\s*:\\s*"(false|no|0)"')`,
).join(' and ');
