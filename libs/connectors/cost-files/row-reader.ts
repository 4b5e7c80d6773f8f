/** The needed cells of a line; the array is used again for the next one. */
export type CostFileRow = readonly (string | null)[];
/** What some columns say of a line. Throws `CellError` for what it cannot read. */
export type RowReader<T> = (row: CostFileRow) => T;
