import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One provider's part of what `terraform providers schema -json` prints. */
export interface ProviderSchema {
  provider: Schema;
  resource_schemas: Record<string, Schema>;
  data_source_schemas: Record<string, Schema>;
  ephemeral_resource_schemas: Record<string, Schema>;
}

interface Schema {
  block: Block;
}

export interface Block {
  attributes?: Record<string, Attribute>;
  block_types?: Record<string, NestedBlock>;
}

export interface Attribute {
  /** Terraform's own notation: `"string"`, `["set", "string"]`, `["list", ["object", {…}]]`. */
  type: AttributeType;
  required?: true;
  optional?: true;
  computed?: true;
  write_only?: true;
}

export type AttributeType = string | [string, AttributeType] | ['object', Record<string, AttributeType>];

export interface NestedBlock {
  nesting_mode: 'single' | 'list' | 'set';
  block: Block;
  min_items?: number;
  max_items?: number;
}

const FILE = join(import.meta.dirname, 'provider-schemas.json');

/** The recorded schemas by provider, as `hashicorp/azurerm`; of what the configuration uses. */
export function readProviderSchemas(): Map<string, ProviderSchema> {
  return new Map(Object.entries(JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, ProviderSchema>));
}
