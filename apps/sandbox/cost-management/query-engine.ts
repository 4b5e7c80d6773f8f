import { monthStart } from '#core/day.js';
import { type Amount, formatAmountToken, quantityAmount } from '../estate/amount.js';
import type { Charge } from './charge.js';
import { dimensionReader, tagReader } from './dimensions.js';
import type { Measure, QueryDefinition } from './query-definition.js';

/** A column of the answer. */
export interface QueryColumn {
  readonly name: string;
  readonly type: 'Number' | 'String' | 'Datetime' | 'Array';
}

/** The whole answer; every row is already the text of a JSON array, because amounts must keep all their digits. */
export interface QueryTable {
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly string[];
}

/** How columns look where recordings, documents and tools disagree. */
export interface ColumnConventions {
  /** The month as `BillingMonth`, a date-time, or as `UsageDate`, a number like that of days. */
  readonly month: 'datetime' | 'number';
  /** Recordings have the date before the groupings, the specification's examples after them. */
  readonly datePosition: 'before-groupings' | 'after-groupings';
}

interface Group {
  /** Cells after the measures, as JSON text. */
  readonly cells: readonly string[];
  readonly sums: Amount[];
}

const READ_MEASURE: Readonly<Record<Measure, (charge: Charge) => Amount>> = {
  Cost: (charge) => charge.cost,
  PreTaxCost: (charge) => charge.cost,
  CostUSD: (charge) => charge.costUsd,
  PreTaxCostUSD: (charge) => charge.costUsd,
  UsageQuantity: (charge) => quantityAmount(charge.microUnits),
};

/** Sums charges by date, groupings and currency, in the column order of the wire: measures first, currency last. */
export function evaluateQuery(
  definition: QueryDefinition,
  charges: readonly Charge[],
  { month, datePosition }: ColumnConventions,
): QueryTable {
  const columns: QueryColumn[] = definition.measures.map((name) => ({ name, type: 'Number' }));
  const readers: ((charge: Charge) => string)[] = [];
  const addColumn = (column: QueryColumn, read: (charge: Charge) => string): void => {
    columns.push(column);
    readers.push(read);
  };
  const addDate = (): void => {
    if (definition.granularity === 'Daily') {
      addColumn({ name: 'UsageDate', type: 'Number' }, ({ day }) => day.replaceAll('-', ''));
    } else if (definition.granularity === 'Monthly' && month === 'number') {
      addColumn({ name: 'UsageDate', type: 'Number' }, ({ day }) => monthStart(day).replaceAll('-', ''));
    } else if (definition.granularity === 'Monthly') {
      addColumn({ name: 'BillingMonth', type: 'Datetime' }, ({ day }) => `"${monthStart(day)}T00:00:00"`);
    }
  };
  if (datePosition === 'before-groupings') addDate();
  for (const { type, name } of definition.groupings) {
    if (type === 'TagKey') {
      const read = tagReader(name);
      addColumn({ name: 'TagKey', type: 'String' }, () => JSON.stringify(name.toLowerCase()));
      addColumn({ name: 'TagValue', type: 'String' }, (charge) => JSON.stringify(read(charge)));
    } else {
      const read = dimensionReader(name);
      addColumn({ name, type: 'String' }, (charge) => JSON.stringify(read(charge)));
    }
  }
  if (datePosition === 'after-groupings') addDate();
  if (definition.includeTags) addColumn({ name: 'Tags', type: 'Array' }, tagsCell);
  addColumn({ name: 'Currency', type: 'String' }, ({ source }) => `"${source.currency}"`);

  const groups = groupCharges(definition, charges, readers);
  const ordered = orderGroups(definition, columns, [...groups.values()]);
  return {
    columns,
    rows: ordered.map(({ sums, cells }) => `[${[...sums.map(formatAmountToken), ...cells].join(',')}]`),
  };
}

function groupCharges(
  definition: QueryDefinition,
  charges: readonly Charge[],
  readers: readonly ((charge: Charge) => string)[],
): Map<string, Group> {
  const measures = definition.measures.map((name) => READ_MEASURE[name]);
  const groups = new Map<string, Group>();
  for (const charge of charges) {
    if (definition.filter && !definition.filter(charge)) continue;
    const cells = readers.map((read) => read(charge));
    const key = cells.join(',');
    let group = groups.get(key);
    if (!group) {
      group = { cells, sums: measures.map(() => 0n) };
      groups.set(key, group);
    }
    for (const [index, read] of measures.entries()) group.sums[index] = (group.sums[index] ?? 0n) + read(charge);
  }
  return groups;
}

function orderGroups(definition: QueryDefinition, columns: readonly QueryColumn[], groups: Group[]): Group[] {
  const measureCount = definition.measures.length;
  const keys = definition.sorting.flatMap(({ name, descending }) => {
    const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    return index < 0 ? [] : [{ index, sign: descending ? -1 : 1 }];
  });
  if (keys.length === 0) return groups;
  return groups.sort((a, b) => {
    for (const { index, sign } of keys) {
      const order =
        index < measureCount
          ? compare(a.sums[index] ?? 0n, b.sums[index] ?? 0n)
          : compare(a.cells[index - measureCount] ?? '', b.cells[index - measureCount] ?? '');
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Tags come as an array of `"key":"value"` texts. */
function tagsCell({ source }: Charge): string {
  return JSON.stringify(
    Object.entries(source.tags ?? {}).map(
      ([key, value]) => `${JSON.stringify(key.toLowerCase())}:${JSON.stringify(value)}`,
    ),
  );
}
