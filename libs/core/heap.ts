import { setFlagsFromString } from 'node:v8';

/**
 * How much the heap grows, in percent, before V8 collects all of it again: by itself it lets it double and more.
 */
const GROWTH_PERCENT = 60;

/**
 * From now on this process takes less memory for more work: reading costs, a third less for 7 % more time; reading
 * inventories, a sixth to a third less for a tenth to a fifth more processor.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // Of what the last collection has just found alive, another one right after it would only move more to where it stays.
  setFlagsFromString('--no-minor-gc-task');
}

/**
 * Gives back at once what bytes took that nobody reads any more. V8 counts them as heap until it collects, so pages of
 * megabytes make it mark everything again and again: twice as often, for a tenth of all the processor's time of reading
 * costs. A part of a larger buffer is left alone.
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}
