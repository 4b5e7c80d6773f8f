/**
 * JSON text parsed so that no number loses a digit: every number becomes the string that stood in the text.
 * Azure sends money as doubles in scientific notation (`1.5E-05`); a JavaScript number would round it.
 * Throws `SyntaxError` when the text is not JSON.
 */
export function parseLossless(text: string): unknown {
  return JSON.parse(text, keepNumberSource as (key: string, value: unknown) => unknown);
}

function keepNumberSource(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' ? context.source : value;
}
