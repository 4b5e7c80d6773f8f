/**
 * JSON text parsed so that no number loses a digit: every number becomes the string that stood in the text.
 * Azure sends money as doubles in scientific notation (`1.5E-05`); a JavaScript number would round it.
 * Throws `SyntaxError` when the text is not JSON.
 */
export function parseLossless(text: string): unknown {
  return JSON.parse(quoteNumbers(text));
}

/** A JSON number where one may end. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*(?:[,\]}]|$))/y;
const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

/**
 * The text with its numbers in quotes, so that the engine's own parser keeps them: a reviver that is called for every
 * value takes eight times as long. What is no JSON stays what it is, for the parser to refuse.
 */
function quoteNumbers(text: string): string {
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = at;
      if (!NUMBER.test(text)) return text;
      const end = NUMBER.lastIndex;
      quoted += `${text.slice(copied, at)}"${text.slice(at, end)}"`;
      copied = at = end;
    } else {
      at += 1;
    }
  }
  return quoted + text.slice(copied);
}

/** The position after the string that begins at `start`; the end of the text when it is not closed. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
