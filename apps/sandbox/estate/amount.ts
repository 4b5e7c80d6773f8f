/** An exact amount of money in units of 10^-12 of the currency. */
export type Amount = bigint;

/** Digits after the point of an `Amount`. */
export const AMOUNT_DIGITS = 12;
const SCALE = 10n ** BigInt(AMOUNT_DIGITS);
/** Quantities are counted in millionths of a meter's unit. */
const MICRO = 1_000_000n;

/** Reads a plain decimal such as `-12.5` (at most 12 decimals, more are cut). Throws a `RangeError` otherwise. */
export function parseAmount(text: string): Amount {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`not a plain decimal: ${JSON.stringify(text)}`);
  const [, sign, whole = '0', fraction = ''] = match;
  const magnitude = BigInt(whole) * SCALE + BigInt(fraction.slice(0, AMOUNT_DIGITS).padEnd(AMOUNT_DIGITS, '0'));
  return sign ? -magnitude : magnitude;
}

/** The amount as a plain decimal without trailing zeros. */
export function formatAmount(amount: Amount): string {
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % SCALE).toString().padStart(AMOUNT_DIGITS, '0').replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${magnitude / SCALE}${fraction ? `.${fraction}` : ''}`;
}

/**
 * The amount as the JSON number token Cost Management writes: at least one decimal, and scientific notation with a
 * two-digit exponent below 0.0001 (`1.5E-05`). All digits are kept, so it must not pass through a float.
 */
export function formatAmountToken(amount: Amount): string {
  const plain = formatAmount(amount);
  const magnitude = amount < 0n ? -amount : amount;
  if (magnitude === 0n || magnitude >= SCALE / 10_000n) return plain.includes('.') ? plain : `${plain}.0`;
  const digits = magnitude.toString();
  const exponent = AMOUNT_DIGITS - digits.length + 1;
  const rest = digits.slice(1).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${digits[0]}${rest ? `.${rest}` : ''}E-${String(exponent).padStart(2, '0')}`;
}

/** Cost of a quantity given in millionths of the priced unit. */
export function priceOf(price: Amount, microUnits: bigint): Amount {
  return (price * microUnits) / MICRO;
}

/** A quantity in millionths of a unit as an `Amount`, so that it is summed and written like one. */
export function quantityAmount(microUnits: bigint): Amount {
  return microUnits * (SCALE / MICRO);
}
