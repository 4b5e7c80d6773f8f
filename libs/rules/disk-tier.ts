/** Largest size of each tier in GiB, by the number in its name; the same for premium (P) and standard SSD (E) disks. */
const TIERS = [
  [4, 1],
  [8, 2],
  [16, 3],
  [32, 4],
  [64, 6],
  [128, 10],
  [256, 15],
  [512, 20],
  [1024, 30],
  [2048, 40],
  [4096, 50],
  [8192, 60],
  [16_384, 70],
  [32_767, 80],
] as const;

/** The tier that a disk of the size is billed as, e.g. `P10`; null for a size that no tier has. */
export function diskTier(kind: 'P' | 'E', sizeGiB: number): string | null {
  const [, number] = TIERS.find(([largest]) => sizeGiB <= largest) ?? [];
  return number === undefined || !(sizeGiB > 0) ? null : `${kind}${number}`;
}
