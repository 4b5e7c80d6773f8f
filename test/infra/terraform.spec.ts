import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONFIGURATION, configurationFolders, Terraform, terraformAbsence } from './terraform.js';

const absence = terraformAbsence();
if (absence) process.stdout.write(`infra: ${absence}, so the Terraform configuration is not validated\n`);

describe.skipIf(absence !== null)('the Terraform configuration', () => {
  let terraform: Terraform;
  beforeAll(async () => void (terraform = await Terraform.start()));
  afterAll(() => terraform.stop());

  it.each(configurationFolders())('%s holds against the providers’ schemas', async (folder) => {
    expect(await terraform.validate(join(CONFIGURATION, folder))).toEqual([]);
    const validated = terraform.takeValidated();
    expect(validated).not.toEqual([]);
    const set = validated.reduce((sum, { arguments: count }) => sum + count, 0);
    process.stdout.write(`infra: ${folder}: ${validated.length} resources, ${set} arguments, no error\n`);
  });

  describe('is refused when it holds', () => {
    let folder: string;
    beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'azcops-planted-'))));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const registry = (extra: string, without = '') =>
      `resource "azurerm_container_registry" "it" {
        name                = "acrazcops"
        location            = "westeurope"
        resource_group_name = "rg-azcops"
        sku                 = "Basic"
        ${extra}
      }`.replace(new RegExp(`^ *${without || 'none'} .*$`, 'm'), '');
    const endpoint = (blocks: string) =>
      `resource "azurerm_private_endpoint" "it" {
        name                = "pep-azcops"
        location            = "westeurope"
        resource_group_name = "rg-azcops"
        subnet_id           = "subnet"
        ${blocks}
      }`;
    const connection = 'private_service_connection {\n name = "blob"\n is_manual_connection = false\n }\n';

    it.each([
      ['nothing wrong', `${registry('')}\n${endpoint(connection)}`, null],
      ['an unknown resource type', 'resource "azurerm_container_register" "it" {}', 'Invalid resource type'],
      ['an unknown data source', 'data "azurerm_client_configuration" "it" {}', 'Invalid data source'],
      ['an unknown ephemeral resource', 'ephemeral "random_pass" "it" {}', 'Invalid ephemeral resource'],
      ['an unknown argument', registry('admin_user_enabled = true'), 'Unsupported argument'],
      ['a missing required argument', registry('', 'sku'), 'Missing required argument'],
      ['an unknown block', registry('firewall {}'), 'Unsupported block type'],
      [
        'an unknown argument of a block',
        endpoint(connection.replace('is_manual', 'manual = true\n is_manual')),
        'Unsupported argument',
      ],
      ['a missing required block', endpoint(''), 'Insufficient private_service_connection blocks'],
      ['a block too many', endpoint(connection + connection), 'Too many private_service_connection blocks'],
      ['a literal of the wrong type', registry('admin_enabled = "perhaps"'), 'Incorrect attribute value type'],
      ['a list where text belongs', registry('zone_redundancy_enabled = ["1"]'), 'Incorrect attribute value type'],
      [
        'an attribute nobody has',
        `${registry('')}\noutput "it" { value = azurerm_container_registry.it.url }`,
        'Unsupported attribute',
      ],
      ['a value for what only Azure sets', registry('login_server = "x"'), 'Value for a read-only attribute'],
      [
        'an unknown feature of the provider',
        `provider "azurerm" {\nfeatures {\nkeyvault {}\n}\n}\n${registry('')}`,
        'Unsupported block type',
      ],
    ])('%s', async (_, text, summary) => {
      const versions = `terraform {
        required_providers {
          azurerm = { source = "hashicorp/azurerm" }
          random  = { source = "hashicorp/random" }
        }
      }`;
      writeFileSync(join(folder, 'main.tf'), `${versions}\n${text}\n`);
      const summaries = (await terraform.validate(folder)).map((diagnostic) => diagnostic.summary);
      expect([...new Set(summaries)]).toEqual(summary === null ? [] : [summary]);
    });
  });
});

describe.skipIf(absence !== null)('terraform test', () => {
  let terraform: Terraform;
  beforeAll(async () => void (terraform = await Terraform.start()));
  afterAll(() => terraform.stop());

  it.each(configurationFolders('tests'))('%s', async (folder) => {
    const { code, output } = await terraform.test(join(CONFIGURATION, folder));
    expect(output).toMatch(/Success! [1-9]\d* passed, 0 failed/);
    expect(code).toBe(0);
  });
});
