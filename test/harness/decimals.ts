const SCALE = 30;

/** The exact sum of decimal strings, without exponent or trailing zeros. */
export function sumDecimals(values: Iterable<string>): string {
  let sum = 0n;
  for (const value of values) {
    const [, sign, whole, fraction = ''] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(value) ?? [];
    if (whole === undefined || fraction.length > SCALE) throw new RangeError(`not a plain decimal: ${value}`);
    const digits = BigInt(`${whole || '0'}${fraction.padEnd(SCALE, '0')}`);
    sum += sign === '-' ? -digits : digits;
  }
  const text = (sum < 0n ? -sum : sum).toString().padStart(SCALE + 1, '0');
  const decimals = text.slice(-SCALE).replace(/0+$/, '');
  return `${sum < 0n ? '-' : ''}${text.slice(0, -SCALE)}${decimals && `.${decimals}`}`;
}
