import type { Charge } from './charge.js';
import { dimensionName, dimensionReader, tagReader, validDimensions } from './dimensions.js';
import { invalidQuery, lowerCaseNames } from './query-body.js';

/** True for the charges a query's filter keeps. */
export type Filter = (charge: Charge) => boolean;

/** Compiles a filter expression: `and`/`or` of at least two, `not`, `dimensions`, `tags`. Values match in any case. */
export function parseFilter(value: unknown): Filter {
  const expression = lowerCaseNames(value);
  const [operator, operand] = Object.entries(expression).find(([, item]) => item !== null && item !== undefined) ?? [];
  switch (operator) {
    case 'and': {
      const parts = operands(operand);
      return (charge) => parts.every((part) => part(charge));
    }
    case 'or': {
      const parts = operands(operand);
      return (charge) => parts.some((part) => part(charge));
    }
    case 'not': {
      const part = parseFilter(operand);
      return (charge) => !part(charge);
    }
    case 'dimension':
    case 'dimensions':
      return comparison(operand, (name) => {
        const known = dimensionName(name);
        if (!known) return invalidQuery(`Invalid dataset filter: '${name}'; valid values: ${validDimensions()}.`);
        return dimensionReader(known);
      });
    case 'tag':
    case 'tags':
      return comparison(operand, tagReader);
    default:
      return invalidQuery(`Invalid dataset filter: '${operator ?? ''}'.`);
  }
}

function operands(value: unknown): Filter[] {
  if (!Array.isArray(value) || value.length < 2) {
    return invalidQuery('Invalid dataset filter: at least two expressions are needed.');
  }
  return value.map(parseFilter);
}

function comparison(value: unknown, reader: (name: string) => (charge: Charge) => string): Filter {
  const { name, operator, values } = lowerCaseNames(value);
  const read = reader(String(name ?? ''));
  if (!Array.isArray(values)) return invalidQuery('Invalid dataset filter: values are missing.');
  const wanted = new Set(values.map((item) => String(item).toLowerCase()));
  switch (String(operator).toLowerCase()) {
    case 'in':
    case 'equals':
      return (charge) => wanted.has(read(charge).toLowerCase());
    case 'contains':
      return (charge) => [...wanted].some((part) => read(charge).toLowerCase().includes(part));
    default:
      return invalidQuery(`Invalid dataset filter operator: '${String(operator)}'.`);
  }
}
