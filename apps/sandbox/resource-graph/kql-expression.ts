import { arithmeticType, binaryOperation, equality } from './kql-binary-operators.js';
import { KQL_FUNCTIONS } from './kql-functions.js';
import { literalOf } from './kql-literals.js';
import { hasTerms } from './kql-text-operators.js';
import {
  type KqlColumn,
  type KqlType,
  type KqlValue,
  Timespan,
  compareValues,
  emptyOf,
  keyOf,
  textOf,
} from './kql-value.js';
import type { KustoNode } from './kusto-parser.js';
import { QueryError } from './query-error.js';

/** An expression ready to be evaluated for any row of the columns it was compiled against. */
export interface KqlExpression {
  readonly type: KqlType;
  /** Name of the column it makes when it is given none. */
  readonly name?: string;
  readonly evaluate: (row: readonly KqlValue[]) => KqlValue;
}

/** What expressions can refer to. `now` is the same instant everywhere in a query. */
export interface KqlScope {
  readonly columns: readonly KqlColumn[];
  readonly now: Date;
  readonly operator: string;
}

/** Compiles an expression against the columns of `scope`. Throws a `QueryError` for what cannot be resolved. */
export function compileExpression(node: KustoNode, scope: KqlScope): KqlExpression {
  const literal = literalOf(node);
  if (literal) return { type: literal.type, evaluate: () => literal.value };
  switch (node.kind) {
    case 'ParenthesizedExpression':
      return compileExpression(node.get('Expression'), scope);
    case 'NameReference':
      return columnReference(node, scope);
    case 'PathExpression':
    case 'ElementExpression':
      return pathReference(node, scope);
    case 'FunctionCallExpression':
      return functionCall(node, scope);
    case 'UnaryMinusExpression': {
      const operand = compileExpression(node.get('Expression'), scope);
      return { type: operand.type, evaluate: (row) => negated(operand.evaluate(row)) };
    }
    case 'UnaryPlusExpression':
      return compileExpression(node.get('Expression'), scope);
    case 'AndExpression':
    case 'OrExpression':
      return logical(node, scope, node.kind === 'OrExpression');
    case 'InExpression':
    case 'InCsExpression':
    case 'NotInExpression':
    case 'NotInCsExpression':
      return membership(node, scope);
    case 'HasAnyExpression':
    case 'HasAllExpression': {
      const left = compileExpression(node.get('Left'), scope);
      const terms = listItems(node.get('Right'), scope);
      const every = node.kind === 'HasAllExpression';
      return { type: 'boolean', evaluate: (row) => hasTerms(left.evaluate(row), terms(row), every) };
    }
    case 'BetweenExpression':
    case 'NotBetweenExpression':
      return between(node, scope);
    default:
      return binary(node, scope);
  }
}

function columnReference(node: KustoNode, scope: KqlScope): KqlExpression {
  const name = nameOf(node);
  const index = scope.columns.findIndex((column) => column.name === name);
  const column = scope.columns[index];
  if (!column) {
    throw new QueryError(`'${scope.operator}' operator: Failed to resolve column or scalar expression named '${name}'`);
  }
  return { type: column.type, name, evaluate: (row) => row[index] ?? null };
}

/** Name of a name node; `['a-b']` and `a` mean the same. */
export function nameOf(node: KustoNode): string {
  const name = node.kind === 'NameReference' || node.kind === 'NameDeclaration' ? node.get('Name') : node;
  return name.kind === 'BracketedName' ? name.get('Name').value : name.text;
}

function pathReference(node: KustoNode, scope: KqlScope): KqlExpression {
  const target = compileExpression(node.get('Expression'), scope);
  if (target.type !== 'object') {
    throw new QueryError(`'${scope.operator}' operator: path '${node.text}' leads into a value that is not dynamic`);
  }
  const selector = node.get('Selector');
  if (node.kind === 'PathExpression') return member(target, nameOf(selector));
  const index = compileExpression(
    selector.kind === 'BracketedExpression' ? selector.get('Expression') : selector,
    scope,
  );
  const constant = literalOf(selector.find('Expression') ?? selector)?.value;
  if (typeof constant === 'string') return member(target, constant);
  return {
    type: 'object',
    name: typeof constant === 'number' && target.name ? `${target.name}_${constant}` : target.name,
    evaluate: (row) => elementOf(target.evaluate(row), index.evaluate(row)),
  };
}

function member(target: KqlExpression, key: string): KqlExpression {
  const name = target.name ? `${target.name}_${key.replace(/\W/g, '_')}` : undefined;
  return { type: 'object', name, evaluate: (row) => elementOf(target.evaluate(row), key) };
}

function elementOf(value: KqlValue, key: KqlValue): KqlValue {
  if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Timespan) return null;
  if (Array.isArray(value)) {
    const items = value as readonly KqlValue[];
    return typeof key === 'number' ? (items.at(key) ?? null) : null;
  }
  return typeof key === 'string' && Object.hasOwn(value, key)
    ? ((value as Record<string, KqlValue>)[key] ?? null)
    : null;
}

/** Functions whose column is named after the one they read. */
const KEEPS_NAME = new Set('tostring toint tolong todouble toreal todecimal tobool todatetime round abs'.split(' '));

function functionCall(node: KustoNode, scope: KqlScope): KqlExpression {
  const name = node.get('Name').text.toLowerCase();
  const definition = Object.hasOwn(KQL_FUNCTIONS, name) ? KQL_FUNCTIONS[name] : undefined;
  if (!definition) throw new QueryError(`'${scope.operator}' operator: Function '${name}' is not supported.`);
  const parameters = node
    .get('ArgumentList')
    .list('Expressions')
    .map((item) => compileExpression(item, scope));
  const [min, max] = definition.arguments;
  if (parameters.length < min || parameters.length > max) {
    throw new QueryError(`'${scope.operator}' operator: ${name}() has a wrong number of arguments.`);
  }
  const types = parameters.map(({ type }) => type);
  const { now } = scope;
  const type = typeof definition.type === 'function' ? definition.type(types) : definition.type;
  // A boolean is written the .NET way, but one inside of JSON as JSON has it.
  const isWritten = name === 'tostring' || name === 'strcat';
  return {
    type,
    name: KEEPS_NAME.has(name) ? parameters[0]?.name : undefined,
    evaluate: (row) => {
      const value = definition.call(
        parameters.map((parameter, index) => {
          const argument = parameter.evaluate(row);
          if (!isWritten || types[index] !== 'boolean' || argument === null) return argument;
          return argument === true ? 'True' : 'False';
        }),
        now,
        types,
      );
      // There is no null among strings.
      return value === null ? emptyOf(type) : value;
    },
  };
}

function logical(node: KustoNode, scope: KqlScope, isOr: boolean): KqlExpression {
  const left = compileExpression(node.get('Left'), scope);
  const right = compileExpression(node.get('Right'), scope);
  return {
    type: 'boolean',
    evaluate: (row) => {
      const first = left.evaluate(row);
      if (first === isOr) return isOr;
      const second = right.evaluate(row);
      if (second === isOr) return isOr;
      return first === null || second === null ? null : !isOr;
    },
  };
}

function membership(node: KustoNode, scope: KqlScope): KqlExpression {
  const left = compileExpression(node.get('Left'), scope);
  const right = node.get('Right');
  const items = { values: listItems(right, scope), types: listTypes(right, scope) };
  // The parser names the form with a tilde "Cs" and the plain one without; the operator's text is what counts.
  const operator = node.get('Operator').text;
  const isText = left.type === 'string' || items.types.includes('string');
  for (const type of items.types)
    if (type !== 'object' && !(isText && left.type === 'object')) equality(left.type, type);
  const ignoresCase = operator.endsWith('~');
  const isNegated = operator.startsWith('!');
  const key = (value: KqlValue): string => {
    if (ignoresCase) return textOf(value).toLowerCase();
    return isText ? textOf(value) : keyOf(value);
  };
  return {
    type: 'boolean',
    evaluate: (row) => {
      const wanted = key(left.evaluate(row));
      return items.values(row).some((item) => key(item) === wanted) !== isNegated;
    },
  };
}

/** The values of `(a, b)`; a dynamic array among them stands for its elements. */
function listItems(node: KustoNode, scope: KqlScope): (row: readonly KqlValue[]) => readonly KqlValue[] {
  const nodes = node.kind === 'ExpressionList' ? node.list('Expressions') : [node];
  const items = nodes.map((item) => compileExpression(item, scope));
  return (row) =>
    items.flatMap((item) => {
      const value = item.evaluate(row);
      return Array.isArray(value) ? (value as KqlValue[]) : [value];
    });
}

function listTypes(node: KustoNode, scope: KqlScope): KqlType[] {
  const nodes = node.kind === 'ExpressionList' ? node.list('Expressions') : [node];
  return nodes.map((item) => compileExpression(item, scope).type);
}

function between(node: KustoNode, scope: KqlScope): KqlExpression {
  const value = compileExpression(node.get('Left'), scope);
  const low = compileExpression(node.get('Right').get('First'), scope);
  const high = compileExpression(node.get('Right').get('Second'), scope);
  const isNegated = node.kind === 'NotBetweenExpression';
  return {
    type: 'boolean',
    evaluate: (row) => {
      const item = value.evaluate(row);
      const above = compareValues(item, low.evaluate(row));
      const below = compareValues(item, high.evaluate(row));
      return above === null || below === null ? null : (above >= 0 && below <= 0) !== isNegated;
    },
  };
}

function binary(node: KustoNode, scope: KqlScope): KqlExpression {
  const operation = binaryOperation(node.kind);
  if (!operation) throw new QueryError(`'${scope.operator}' operator: '${node.text}' is not supported.`);
  const left = compileExpression(node.get('Left'), scope);
  const right = compileExpression(node.get('Right'), scope);
  const cast = operation.comparesTypes ? equality(left.type, right.type) : undefined;
  const evaluate = cast
    ? (row: readonly KqlValue[]): KqlValue => operation.apply(cast(left.evaluate(row)), cast(right.evaluate(row)))
    : (row: readonly KqlValue[]): KqlValue => operation.apply(left.evaluate(row), right.evaluate(row));
  if (operation.type) return { type: operation.type, evaluate };
  const type = arithmeticType(node.kind, left.type, right.type);
  return { type, evaluate: (row) => finite(evaluate(row), type) };
}

/** Dividing whole numbers gives a whole number, and by zero nothing; reals by zero give what JSON cannot say. */
function finite(value: KqlValue, type: KqlType): KqlValue {
  if (typeof value !== 'number') return value;
  if (type === 'integer') return Number.isFinite(value) ? Math.trunc(value) : null;
  if (!Number.isFinite(value)) throw new QueryError('Dividing a real number by zero is not supported.');
  return value;
}

function negated(value: KqlValue): KqlValue {
  if (value instanceof Timespan) return new Timespan(-value.ms);
  return typeof value === 'number' ? -value : null;
}
