/**
 * Money is a decimal string from the source's last digit to the reader's first: it is never a float.
 * Sums are made by PostgreSQL's unbounded `numeric`; this file only recognises and normalises notation.
 */

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/;

/** True for a decimal number as JSON, CSV files or PostgreSQL write one, exponent included. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/**
 * The same number without exponent, plus sign, leading or trailing zeros: `1.50E-05` becomes `0.000015`.
 * Throws a `RangeError` when `text` is not a decimal.
 */
export function canonicalDecimal(text: string): string {
  if (!isDecimal(text)) throw new RangeError(`not a decimal number: ${JSON.stringify(text)}`);
  const negative = text.startsWith('-');
  const [mantissa = '', exponentText = '0'] = text.replace(/^[+-]/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const split = Math.max(point, 0);
  const integer = padded.slice(0, split).replace(/^0+(?=\d)/, '') || '0';
  const decimals = padded.slice(split).replace(/0+$/, '');
  const magnitude = decimals ? `${integer}.${decimals}` : integer;
  return negative && magnitude !== '0' ? `-${magnitude}` : magnitude;
}
