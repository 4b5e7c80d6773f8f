import type { Value } from './message-pack.js';
import type { AttributeType, Block } from './provider-schema.js';

/** Every argument that a configuration sets, with its path, and whether only the provider may set it. */
export function* configuredArguments(
  { attributes = {}, block_types = {} }: Block,
  value: Value,
  path = '',
): Generator<{ path: string; readOnly: boolean }> {
  if (!isObject(value)) return;
  for (const [name, { required, optional }] of Object.entries(attributes)) {
    if (value[name] != null) yield { path: path + name, readOnly: !required && !optional };
  }
  for (const [name, { block }] of Object.entries(block_types)) {
    const blocks = value[name] ?? null;
    const nested: Value[] = Array.isArray(blocks) ? blocks : [blocks];
    for (const one of nested) yield* configuredArguments(block, one, `${path}${name}.`);
  }
}

/** What a provider would plan or answer: as configured, with `fill` for what it would set and nobody did. */
export function withComputed(
  { attributes = {}, block_types = {} }: Block,
  value: Value,
  fill: (type: AttributeType) => Value,
): Value {
  if (!isObject(value)) return value;
  const filled = { ...value };
  for (const [name, { type, required, write_only }] of Object.entries(attributes)) {
    if (write_only) filled[name] = null;
    else if (!required) filled[name] ??= fill(type);
  }
  for (const [name, { block }] of Object.entries(block_types)) {
    const nested = value[name] ?? null;
    filled[name] = Array.isArray(nested)
      ? nested.map((element) => withComputed(block, element, fill))
      : withComputed(block, nested, fill);
  }
  return filled;
}

function isObject(value: Value): value is { [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
