/**
 * Randomness that is a pure function of its seed parts: the sandbox must answer the same bytes for the same seed
 * and estate clock, on every machine.
 */

/** A well mixed unsigned 32-bit hash of the parts (FNV-1a with a final avalanche). */
export function hash32(...parts: readonly (string | number)[]): number {
  let state = 0x811c9dc5;
  for (const part of parts) {
    if (typeof part === 'number') state = mix32(state, part);
    else for (let i = 0; i < part.length; i++) state = Math.imul(state ^ part.charCodeAt(i), 0x01000193);
    state = Math.imul(state ^ 0x1f, 0x01000193);
  }
  return avalanche(state);
}

/** A hash of two integers; cheap enough to be called once per charge. */
export function mix32(a: number, b: number): number {
  return avalanche(Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35));
}

function avalanche(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** A version-4 shaped GUID derived from the parts. */
export function guidOf(...parts: readonly (string | number)[]): string {
  let hex = '';
  for (let i = 0; i < 4; i++)
    hex += hash32(i, ...parts)
      .toString(16)
      .padStart(8, '0');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A sequence of pseudo-random draws that depends on its seed only. */
export class SeededRandom {
  private state: number;

  constructor(...parts: readonly (string | number)[]) {
    this.state = hash32(...parts);
  }

  /** The next fraction in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    return avalanche(this.state) / 0x1_0000_0000;
  }

  /** The next integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One element of a non-empty list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
