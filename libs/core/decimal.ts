import { Big } from 'big.js';
import { canonicalDecimal } from './money.js';

// Of its own, so that nobody else's settings change a quotient: ten digits beyond the smallest price there is.
const Exact = Big();
Exact.DP = 20;

/** A number that sums, differences and products keep every digit of; quotients end after 20 places. */
export type Decimal = Big;

/** The decimal that a string or a whole number stands for; throws for anything else. */
export function decimal(value: string | number): Decimal {
  return new Exact(value);
}

/** The sum of decimal strings; zero of none. */
export function sumOf(amounts: Iterable<string>): Decimal {
  let sum = decimal(0);
  for (const amount of amounts) sum = sum.plus(amount);
  return sum;
}

/** As money is written everywhere: no exponent, no trailing zeros; at most 10 places where a quotient has more. */
export function plain(value: Decimal): string {
  return canonicalDecimal(value.round(10).toFixed());
}
