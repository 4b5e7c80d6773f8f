import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attribute, AttributeType, Block, NestedBlock } from './provider-schema.js';

/**
 * Reads the schema of one resource, data source, ephemeral resource or provider out of the bindings that CDK Terrain
 * generates from a provider (`lib/<name>/index.{js,d.ts}` of the npm package). The generated code names every argument
 * with its type and whether it is a block; optional arguments carry a `?` in the declarations, computed ones a comment.
 * That an optional argument may be computed as well is not in there.
 */
export function readBinding(folder: string): Block {
  const source = new Binding(readFileSync(join(folder, 'index.js'), 'utf8'), readDeclarations(folder));
  return source.block(null);
}

/** The folder of a type in a package of bindings, e.g. `azurerm_storage_account` in `lib/storage-account`. */
export function bindingFolder(library: string, kind: 'resource' | 'data' | 'ephemeral', type: string): string {
  const name = type.replaceAll('_', '-');
  const folder = join(library, kind === 'resource' ? name.slice(name.indexOf('-') + 1) : `${kind}-${name}`);
  // Names that JavaScript reserves get another one.
  const found = [folder, `${folder}-resource`].find((candidate) => existsSync(candidate));
  if (!found) throw new Error(`There is no ${folder}: the provider does not have ${kind} ${type}.`);
  return found;
}

function readDeclarations(folder: string): string {
  return readFileSync(join(folder, 'index.d.ts'), 'utf8');
}

const SCALARS: Record<string, string> = { string: 'string', number: 'number', boolean: 'bool', any: 'dynamic' };

class Binding {
  constructor(
    private readonly code: string,
    private readonly declarations: string,
  ) {}

  /** The block that a generated structure stands for; null for the outermost one. */
  block(structure: string | null): Block {
    const required = this.required(structure);
    const block: { attributes: Record<string, Attribute>; block_types: Record<string, NestedBlock> } = {
      attributes: {},
      block_types: {},
    };
    for (const { name, isBlock, type, storage } of this.arguments(structure)) {
      const must = required.has(name);
      if (isBlock && type === 'struct') {
        block.block_types[name] = { nesting_mode: 'single', block: this.block(storage) };
      } else if (isBlock) {
        block.block_types[name] = {
          nesting_mode: type === 'set' ? 'set' : 'list',
          block: this.block(structureOf(storage)),
          ...(must && { min_items: 1 }),
          ...(!this.isMany(structure, name) && { max_items: 1 }),
        };
      } else {
        const shape = plainType(type, storage) ?? ([type, this.objectOf(structureOf(storage))] as AttributeType);
        block.attributes[name] = { type: shape, ...(must ? { required: true } : { optional: true }) };
        if (name.endsWith('_wo')) block.attributes[name].write_only = true;
      }
    }
    for (const { name, type } of this.computed(structure)) block.attributes[name] ??= { type, computed: true };
    // Every binding accepts an id, providers do not.
    if (structure === null && block.attributes['id']) block.attributes['id'] = { type: 'string', computed: true };
    return {
      ...(Object.keys(block.attributes).length > 0 && { attributes: block.attributes }),
      ...(Object.keys(block.block_types).length > 0 && { block_types: block.block_types }),
    };
  }

  /** What may be configured: every entry of the structure's conversion to HCL. */
  private arguments(structure: string | null): { name: string; isBlock: boolean; type: string; storage: string }[] {
    const start =
      structure === null
        ? this.code.lastIndexOf('synthesizeHclAttributes()')
        : this.code.indexOf(`function ${lowerFirst(structure)}ToHclTerraform(`);
    if (start < 0) return [];
    const body = this.code.slice(start, this.code.indexOf('// remove undefined attributes', start));
    const entry = /(\w+): \{\s+value: .*,\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)"/g;
    return [...body.matchAll(entry)].map(([, name, isBlock, type, storage]) => ({
      name: name!,
      isBlock: isBlock === 'true',
      type: type!,
      storage: storage!,
    }));
  }

  /** Names of the arguments that the declaration does not mark with `?`. */
  private required(structure: string | null): Set<string> {
    return new Set([...this.properties(structure)].filter(([, { optional }]) => !optional).map(([name]) => name));
  }

  private isMany(structure: string | null, name: string): boolean {
    return /\[\]/.test(this.properties(structure).get(name)?.type ?? '');
  }

  private properties(structure: string | null): Map<string, { optional: boolean; type: string }> {
    const start =
      structure === null
        ? this.declarations.search(
            /export interface \w+Config extends \w+\.Terraform(Ephemeral)?MetaArguments|export interface \w+ProviderConfig \{/,
          )
        : this.declarations.indexOf(`export interface ${structure} {`);
    const body = this.declarations.slice(start, this.declarations.indexOf('\n}', start));
    const property = /#(\w+) \w+#\w+\}[^/]*?\*\/\s+readonly \w+(\??): ([^;]+)/g;
    return new Map(
      [...body.matchAll(property)].map(([, name, optional, type]) => [
        name!,
        { optional: optional === '?', type: type! },
      ]),
    );
  }

  /** What only the provider sets. */
  private computed(structure: string | null): { name: string; type: AttributeType }[] {
    const start =
      structure === null
        ? this.code.search(/^class \w+ extends \w+\.Terraform(Resource|DataSource|EphemeralResource|Provider) /m)
        : this.code.indexOf(`class ${structure}OutputReference `);
    if (start < 0) return [];
    const body = this.code.slice(start, this.code.indexOf('\n}', start));
    const found: { name: string; type: AttributeType }[] = [];
    const getter =
      /\/\/ (\w+) - computed: true, optional: false, required: false\s+(?:this\._\w+ = new (\w+)\(this, "\w+", ?(true|false)?|get \w+\(\) \{\s+return (?:\w+\.Fn\.tolist\()?this\.get(\w+)Attribute\()/g;
    for (const [, name, list, isSet, accessor] of body.matchAll(getter)) {
      if (list?.endsWith('List')) {
        const element = this.objectOf(list.slice(0, -'List'.length));
        found.push({ name: name!, type: [isSet === 'true' ? 'set' : 'list', element] });
      } else if (accessor) found.push({ name: name!, type: ACCESSORS[accessor] ?? 'dynamic' });
    }
    return found;
  }

  /** The object type of a structure that is an attribute, not a block. */
  private objectOf(structure: string): AttributeType {
    const { attributes = {}, block_types = {} } = this.block(structure);
    return [
      'object',
      {
        ...Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, type])),
        ...Object.fromEntries(
          Object.entries(block_types).map(([name, nested]) => [
            name,
            [nested.nesting_mode, ['object', {}]] as AttributeType,
          ]),
        ),
      },
    ];
  }
}

const ACCESSORS: Record<string, AttributeType> = {
  String: 'string',
  Number: 'number',
  Boolean: 'bool',
  List: ['list', 'string'],
  NumberList: ['list', 'number'],
  StringMap: ['map', 'string'],
  NumberMap: ['map', 'number'],
  BooleanMap: ['map', 'bool'],
};

/** Null: of a structure. */
function plainType(type: string, storage: string): AttributeType | null {
  const scalar = SCALARS[storage.replace(/(List|Map)+$/, '')];
  if (!scalar) return null;
  return type === 'simple' ? scalar : [type, scalar];
}

function structureOf(list: string): string {
  return list.replace(/List$/, '');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
