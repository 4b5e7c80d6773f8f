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

/** True unless a tag says that the owner wants to keep the resource; `keep: false` does not say so. */
export const NOT_MARKED_TO_KEEP = [
  `not(${hasTag('keep', 'do[ _.-]?not[ _.-]?delete', 'no[ _.-]?delete')})`,
  `tostring(tags) matches regex @'(?i)"(keep|do[ _.-]?not[ _.-]?delete|no[ _.-]?delete)"\\s*:\\s*"(false|no|0)?"'`,
].join(' or ');
