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

/** `amount` divided by a positive whole number, rounded half away from zero to `scale` digits after the point. */
export function divideDecimal(amount: string, divisor: number, scale = 10): string {
  const [whole = '0', fraction = ''] = canonicalDecimal(amount).replace('-', '').split('.');
  const digits = BigInt(whole + fraction) * 10n ** BigInt(scale);
  const by = BigInt(divisor) * 10n ** BigInt(fraction.length);
  const rounded = String((digits + by / 2n) / by).padStart(scale + 1, '0');
  const sign = amount.startsWith('-') ? '-' : '';
  return canonicalDecimal(
    `${sign}${rounded.slice(0, rounded.length - scale)}.${rounded.slice(rounded.length - scale)}`,
  );
}
