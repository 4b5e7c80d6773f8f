/** What Standard SSD of a size gives, and what it costs beside Premium SSD of the same size. */
export interface StandardSsd {
  /** Without bursting. */
  iops: number;
  bytesPerSecond: number;
  /** US dollars a month in East US with local redundancy; other lists are taken to be in proportion. */
  usd: number;
  premiumUsd: number;
}

/**
 * By tier: operations and MB a second, dollars of `E` and of `P`. Source: Azure's tables of disk types and prices;
 * throughput as it stood before small Standard SSD became faster, so that whoever stays below does so everywhere.
 */
const TIERS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  E1: [500, 60, 0.3, 0.6],
  E2: [500, 60, 0.6, 1.2],
  E3: [500, 60, 1.2, 2.4],
  E4: [500, 60, 2.4, 5.28],
  E6: [500, 60, 4.8, 10.21],
  E10: [500, 60, 9.6, 19.71],
  E15: [500, 60, 19.2, 38.02],
  E20: [500, 60, 38.4, 73.22],
  E30: [500, 60, 76.8, 135.17],
  E40: [500, 60, 153.6, 259.05],
  E50: [2_000, 400, 307.2, 495.57],
  E60: [4_000, 600, 614.4, 946.08],
  E70: [6_000, 750, 1_228.8, 1_802.06],
  E80: [6_000, 750, 2_457.6, 3_604.11],
};

/** Standard SSD of a tier such as `E10`; undefined for a tier that there is not. */
export function standardSsdOf(tier: string): StandardSsd | undefined {
  const row = TIERS[tier];
  if (!row) return undefined;
  const [iops, megabytes, usd, premiumUsd] = row;
  return { iops, bytesPerSecond: megabytes * 1_000_000, usd, premiumUsd };
}

const SECONDS_A_MONTH = 730 * 3_600;
const USD_PER_OPERATION = 0.002 / 10_000;
const OPERATION_BYTES = 256 * 1024;

/**
 * What Standard SSD bills for operations in a month, US dollars: each 256 KiB of one counts. Azure bills no more than so
 * many in an hour, which is left out.
 */
export function operationsUsd(perSecond: number, bytesPerSecond: number): number {
  return Math.max(perSecond, bytesPerSecond / OPERATION_BYTES) * SECONDS_A_MONTH * USD_PER_OPERATION;
}
