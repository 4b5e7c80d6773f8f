import { VM_SIZES } from './meters.js';

/** A size of virtual machine as the price list and Compute know it. */
export interface MachineSize {
  /** As Resource Manager names it, e.g. `Standard_D4s_v5`. */
  readonly name: string;
  /** As people read it, e.g. `D4s v5`. */
  readonly label: string;
  readonly series: MachineSeries;
  readonly cores: number;
  readonly memoryGiB: number;
  /** US dollars an hour with Linux. */
  readonly hourly: string;
}

/** What the sizes of a series have in common. Prices and capabilities are those of East US, rounded to the series. */
export interface MachineSeries {
  /** In product names: `Virtual Machines Dsv5 Series`. */
  readonly product: string;
  /** In Compute's quotas: `standardDSv5Family`. */
  readonly family: string;
  readonly architecture: 'x64' | 'Arm64';
  readonly premiumStorage: boolean;
  readonly acceleratedNetworking: boolean;
  /** Of temporary storage for each core; 0 for none. */
  readonly temporaryGiBPerCore: number;
  /** Sold as cloud services, too. */
  readonly cloudServices: boolean;
  /** Listed under the whole name instead of the readable one, as some newer series are. */
  readonly listedByName: boolean;
}

const V5 = [2, 4, 8, 16, 32, 48, 64, 96];
const V4 = [2, 4, 8, 16, 32, 48, 64];

/** Name with `#` for the cores, dollars and GiB of memory a core, the cores there are, and what is special. */
type SeriesRow = [
  product: string,
  family: string,
  name: string,
  dollarsPerCore: string,
  gibPerCore: number,
  cores: readonly number[],
  special?: Partial<MachineSeries>,
];

const SERIES: readonly SeriesRow[] = [
  ['Dsv5', 'standardDSv5Family', 'D#s_v5', '0.048', 4, V5],
  ['Ddsv5', 'standardDDSv5Family', 'D#ds_v5', '0.0565', 4, V5, { temporaryGiBPerCore: 37.5 }],
  ['Dasv5', 'standardDASv5Family', 'D#as_v5', '0.043', 4, V5, { listedByName: true }],
  ['Dadsv5', 'standardDADSv5Family', 'D#ads_v5', '0.0515', 4, V5, { temporaryGiBPerCore: 37.5, listedByName: true }],
  ['Dlsv5', 'standardDLSv5Family', 'D#ls_v5', '0.0425', 2, V5],
  ['Dpsv5', 'standardDPSv5Family', 'D#ps_v5', '0.0385', 4, [2, 4, 8, 16, 32, 48, 64], { architecture: 'Arm64' }],
  ['Dsv4', 'standardDSv4Family', 'D#s_v4', '0.048', 4, V4],
  ['Ddsv4', 'standardDDSv4Family', 'D#ds_v4', '0.0565', 4, V4, { temporaryGiBPerCore: 37.5 }],
  ['DSv3', 'standardDSv3Family', 'D#s_v3', '0.048', 4, V4, { temporaryGiBPerCore: 8, cloudServices: true }],
  [
    'Dv3',
    'standardDv3Family',
    'D#_v3',
    '0.048',
    4,
    V4,
    { temporaryGiBPerCore: 25, cloudServices: true, premiumStorage: false },
  ],
  ['Esv5', 'standardESv5Family', 'E#s_v5', '0.063', 8, V5],
  ['Edsv5', 'standardEDSv5Family', 'E#ds_v5', '0.072', 8, V5, { temporaryGiBPerCore: 37.5 }],
  ['Easv5', 'standardEASv5Family', 'E#as_v5', '0.0565', 8, V5, { listedByName: true }],
  ['Esv4', 'standardESv4Family', 'E#s_v4', '0.063', 8, V4],
  ['ESv3', 'standardESv3Family', 'E#s_v3', '0.0665', 8, V4, { temporaryGiBPerCore: 16, cloudServices: true }],
  ['FSv2', 'standardFSv2Family', 'F#s_v2', '0.0423', 2, [2, 4, 8, 16, 32, 48, 64, 72], { temporaryGiBPerCore: 8 }],
  ['Bsv2', 'standardBsv2Family', 'B#s_v2', '0.0416', 4, [2, 4, 8, 16, 32]],
  ['Lsv3', 'standardLSv3Family', 'L#s_v3', '0.078', 8, [8, 16, 32, 48, 64, 80], { temporaryGiBPerCore: 10 }],
];

/** Burstable sizes follow no rule of names and memory. */
const BURSTABLE = [
  ['B1s', '0.0104', 1, 1],
  ['B1ms', '0.0207', 1, 2],
  ['B2s', '0.0416', 2, 4],
  ['B2ms', '0.0832', 2, 8],
  ['B4ms', '0.166', 4, 16],
  ['B8ms', '0.333', 8, 32],
  ['B16ms', '0.666', 16, 64],
] as const;

const ORDINARY: Omit<MachineSeries, 'product' | 'family'> = {
  architecture: 'x64',
  premiumStorage: true,
  acceleratedNetworking: true,
  temporaryGiBPerCore: 0,
  cloudServices: false,
  listedByName: false,
};
const BS_SERIES: MachineSeries = {
  ...ORDINARY,
  product: 'BS',
  family: 'standardBSFamily',
  acceleratedNetworking: false,
  temporaryGiBPerCore: 8,
};

/** Every size, by series. What the estate's machines are charged is what their size costs here. */
export const MACHINE_SIZES: readonly MachineSize[] = [
  ...SERIES.flatMap(([product, family, pattern, dollarsPerCore, gibPerCore, coreCounts, special]) => {
    const series = { ...ORDINARY, product, family, ...special };
    return coreCounts.map((cores) => {
      const name = pattern.replace('#', String(cores));
      return sizeOf(name, series, cores, cores * gibPerCore, timesCores(dollarsPerCore, cores));
    });
  }),
  ...BURSTABLE.map(([name, hourly, cores, memoryGiB]) => sizeOf(name, BS_SERIES, cores, memoryGiB, hourly)),
];

function sizeOf(
  shortName: string,
  series: MachineSeries,
  cores: number,
  memoryGiB: number,
  listed: string,
): MachineSize {
  const name = `Standard_${shortName}`;
  const hourly = VM_SIZES.find((size) => size.name === name)?.hourly ?? listed;
  return { name, label: shortName.replaceAll('_', ' '), series, cores, memoryGiB, hourly };
}

/** Dollars have four decimals at most, so that whole numbers are exact. */
function timesCores(dollars: string, cores: number): string {
  return String((Math.round(Number(dollars) * 10_000) * cores) / 10_000);
}
