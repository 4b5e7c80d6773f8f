/** The parts of a size's name, e.g. of `Standard_E4-2ds_v5`. Source: Azure's naming conventions for sizes of machines. */
export interface SizeName {
  /** Letters of the family, e.g. `E`. */
  family: string;
  vCpus: number;
  /** Cores that are left of a constrained size; undefined where all are. */
  constrainedTo: number | undefined;
  /** Lower-case letters: `a` AMD, `p` Arm, `d` local disk, `l` little memory, `s` premium storage … */
  features: string;
  /** Generation; 1 where the name has none. */
  version: number;
}

/** The parts of a size's name in any case; null for names of another form. */
export function sizeNameOf(name: string): SizeName | null {
  const parts = /^standard_([a-z]*?)(\d+)(?:-(\d+))?([a-z]*)(?:_v(\d+))?$/i.exec(name);
  if (!parts) return null;
  const [, family, vCpus, constrainedTo, features, version] = parts;
  return {
    family: family!.toUpperCase(),
    vCpus: Number(vCpus),
    constrainedTo: constrainedTo === undefined ? undefined : Number(constrainedTo),
    features: features!.toLowerCase(),
    version: version === undefined ? 1 : Number(version),
  };
}

/** Of Dv2, whose numbers are no cores: 11 and above have more memory. */
const SECOND_GENERATION: Readonly<Record<number, string>> = {
  2: 'D2',
  3: 'D4',
  4: 'D8',
  5: 'D16',
  12: 'E4',
  13: 'E8',
  14: 'E16',
};

/**
 * The size of the fifth generation that stands where an older one of the families D and E stood: at least as many cores
 * and as much memory, premium storage where there was. The sixth is no successor without more ado: it needs machines of
 * generation 2 with NVMe drivers. Undefined for other sizes.
 */
export function successorOf(name: string): string | undefined {
  const size = sizeNameOf(name);
  if (!size || size.constrainedTo !== undefined) return undefined;
  const { family, vCpus, features, version } = size;
  if (version === 2 && /^DS?$/.test(family) && features === '') {
    const base = SECOND_GENERATION[vCpus];
    // With a local disk as before: even so it costs less.
    return base && `Standard_${base}d${family === 'DS' ? 's' : ''}_v5`;
  }
  if (!/^[DE]$/.test(family)) return undefined;
  if (version === 3 && /^s?$/.test(features)) return `Standard_${family}${vCpus}${features}_v5`;
  if (version === 4 && /^(d?s?|as)$/.test(features)) return `Standard_${family}${vCpus}${features}_v5`;
  return undefined;
}
