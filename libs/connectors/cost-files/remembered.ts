/** Texts that one reader remembers, in characters. */
const MOST_CHARACTERS = 2 * 1024 * 1024;
/** What an entry takes beside its text. */
const ENTRY_CHARACTERS = 64;

/**
 * Reads each different text once. A file has few days, currencies and services, and each resource thirty times; its
 * records then share their texts. However many there are, what is remembered stays small: it is forgotten when full.
 */
export function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  let kept = 0;
  let lastText: string | undefined;
  let lastValue: T | undefined;
  return (text) => {
    // Files are sorted by something, so that most columns repeat what stood in the line before.
    if (text === lastText) return lastValue as T;
    let value = known.get(text);
    if (value === undefined) {
      value = read(text);
      if (kept > MOST_CHARACTERS) {
        known.clear();
        kept = 0;
      }
      known.set(text, value);
      kept += text.length + ENTRY_CHARACTERS;
    }
    lastText = text;
    lastValue = value;
    return value;
  };
}
