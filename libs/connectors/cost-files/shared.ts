import type { CostFileRow, RowReader } from './row-reader.js';

/** Cells that one reader remembers, in characters: all are forgotten when there are more. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** What a value takes beside its cells. */
const VALUE_CHARACTERS = 256;
/** Of lines that are alike in the first place, as those without a resource are: more would take long to compare. */
const MOST_ALIKE = 16;

/** A value and the cells that it was made of, in the order of `places`. */
interface Made<T> {
  cells: CostFileRow;
  value: T;
}

/**
 * Makes one value of all lines whose cells agree in these places. A file names a resource with its service, group, region and
 * what else describes a charge once for each day and meter; telling that they are the same takes less than reading them.
 */
export function shared<T>(places: readonly number[], read: RowReader<T>): RowReader<T> {
  const [first] = places;
  if (first === undefined) return read;
  const known = new Map<string | null, Made<T>[]>();
  let kept = 0;
  const isOf = ({ cells }: Made<T>, row: CostFileRow): boolean => {
    for (let index = 0; index < places.length; index += 1) if (cells[index] !== row[places[index]!]) return false;
    return true;
  };
  return (row) => {
    const cell = row[first]!;
    const similar = known.get(cell);
    if (similar) for (const made of similar) if (isOf(made, row)) return made.value;
    const value = read(row);
    if (kept > MOST_CHARACTERS) {
      known.clear();
      kept = 0;
    }
    const cells = places.map((place) => row[place]!);
    const others = known.get(cell);
    if (others && others.length < MOST_ALIKE) others.push({ cells, value });
    else known.set(cell, [{ cells, value }]);
    kept += cells.reduce((sum, text) => sum + (text?.length ?? 0), VALUE_CHARACTERS);
    return value;
  };
}
