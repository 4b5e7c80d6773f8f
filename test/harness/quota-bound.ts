/** So many calls in any period of so many milliseconds. */
interface Limit {
  calls: number;
  periodMs: number;
}

/** Cost Management's limits for one caller in one tenant, as documented. */
const COST_LIMITS: readonly Limit[] = [
  { calls: 12, periodMs: 10_000 },
  { calls: 20, periodMs: 60_000 },
  { calls: 60, periodMs: 60_000 },
  { calls: 600, periodMs: 3_600_000 },
];

/** The earliest instant at which the last of so many calls can be made when each limit is kept to in every period. */
export function quotaBoundMs(calls: number, limits: readonly Limit[] = COST_LIMITS): number {
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    const earliest = limits.map(({ calls: most, periodMs }) => (call < most ? 0 : times[call - most]! + periodMs));
    times.push(Math.max(times[call - 1] ?? 0, ...earliest));
  }
  return times.at(-1) ?? 0;
}
