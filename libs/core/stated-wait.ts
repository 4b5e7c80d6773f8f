/** The longest period of any quota that Azure documents: Cost Management's query units per hour. */
const LONGEST_MS = 3_600_000;

/**
 * How much of a wait that a source states is heeded. Every quota has room again after its period, so an answer that asks
 * for more is mistaken; to believe it would put a window to sleep for as long as it says.
 */
export function heededMs(statedMs: number): number {
  return Math.min(statedMs, LONGEST_MS);
}
