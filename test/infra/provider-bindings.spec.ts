import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindingFolder, readBinding } from './provider-bindings.js';
import type { Block, ProviderSchema } from './provider-schema.js';
import { CONFIGURATION } from './terraform.js';

/**
 * Where the bindings lie that the schemas are recorded from, one folder a package:
 *   npm pack @cdktn/provider-azurerm@16.1.0 @cdktn/provider-random@15.0.1 @cdktf/provider-time@11.0.1
 * unpacked into azurerm, random and time. They are no dependency: 90 MB for a file that changes with the version alone.
 */
const bindings = process.env['AZCOPS_TERRAFORM_BINDINGS'];
if (!bindings)
  process.stdout.write('infra: AZCOPS_TERRAFORM_BINDINGS is not set, so the recorded schemas are believed\n');

/** Resource, data source and ephemeral types by provider, as the configuration uses them. */
function usedTypes(): [string, Record<'resource' | 'data' | 'ephemeral', Set<string>>][] {
  const used = new Map<string, Record<'resource' | 'data' | 'ephemeral', Set<string>>>();
  for (const file of globSync('**/*.tf', { cwd: CONFIGURATION })) {
    for (const [, kind, type] of readFileSync(join(CONFIGURATION, file), 'utf8').matchAll(
      /^(resource|data|ephemeral) "(\w+)"/gm,
    )) {
      const provider = type!.slice(0, type!.indexOf('_'));
      if (provider === 'terraform') continue;
      if (!used.has(provider)) used.set(provider, { resource: new Set(), data: new Set(), ephemeral: new Set() });
      used.get(provider)![kind as 'resource'].add(type!);
    }
  }
  return [...used].sort();
}

/** The bindings leave this one out. internal/services/keyvault/key_vault_secret_ephemeral.go of the provider. */
const EPHEMERAL: Record<string, Block> = {
  azurerm_key_vault_secret: {
    attributes: {
      key_vault_id: { type: 'string', required: true },
      name: { type: 'string', required: true },
      version: { type: 'string', optional: true, computed: true },
      expiration_date: { type: 'string', computed: true },
      not_before_date: { type: 'string', computed: true },
      value: { type: 'string', computed: true },
    },
  },
};

function record(folder: string): string {
  const schemas = usedTypes().map(([provider, used]): [string, ProviderSchema] => {
    const library = join(folder, provider, 'lib');
    const read = (kind: 'resource' | 'data' | 'ephemeral') =>
      Object.fromEntries(
        [...used[kind]].sort().map((type) => {
          const known = kind === 'ephemeral' ? EPHEMERAL[type] : undefined;
          return [type, { block: known ?? readBinding(bindingFolder(library, kind, type)) }];
        }),
      );
    return [
      `hashicorp/${provider}`,
      {
        provider: { block: readBinding(join(library, 'provider')) },
        resource_schemas: read('resource'),
        data_source_schemas: read('data'),
        ephemeral_resource_schemas: read('ephemeral'),
      },
    ];
  });
  // A line a type, so that a change shows where it is.
  return `${JSON.stringify(Object.fromEntries(schemas)).replaceAll(/("\w+":\{"block")/g, '\n$1')}\n`;
}

describe('the recorded schemas', () => {
  it.skipIf(!bindings || !existsSync(bindings))('are what the bindings say; vitest -u records them anew', async () => {
    await expect(record(bindings!)).toMatchFileSnapshot('provider-schemas.json');
  });
});
