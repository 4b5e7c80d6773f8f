import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configurationVariables } from '#core/config.js';
import { ANSWER, SECRET } from './schema-provider.js';
import { Terraform, terraformAbsence, type Plan } from './terraform.js';

const absence = terraformAbsence();
if (absence) process.stdout.write(`infra: ${absence}, so the environments are not planned\n`);

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const VARIABLES = {
  subscription_id: SUBSCRIPTION,
  image: 'acrazcops.azurecr.io/azcops:0.1.0',
  container_registry_id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-azcops/providers/Microsoft.ContainerRegistry/registries/acrazcops`,
  api_client_id: '30000000-0000-0000-0000-000000000000',
  api_ip_ranges: ['203.0.113.0/24'],
  terraform_ip_ranges: ['203.0.113.7'],
  database_administrators: { '40000000-0000-0000-0000-000000000000': { name: 'dbas', type: 'Group' } },
  budget_contact_emails: ['finops@example.com'],
};

describe.skipIf(absence !== null)('the development environment', () => {
  let terraform: Terraform;
  let plan: Plan;
  beforeAll(async () => {
    terraform = await Terraform.start();
    plan = await terraform.plan('environments/dev', VARIABLES);
  });
  afterAll(() => terraform.stop());

  const planned = (type: string) => plan.resources.filter((resource) => resource.type === type);
  const only = (type: string) => {
    const [resource, ...others] = planned(type);
    expect(others).toEqual([]);
    return resource!.after;
  };

  it('can be planned from nothing, with all that Azure has yet to tell unknown', () => {
    expect(plan.resources.length).toBeGreaterThan(60);
  });

  it('has no password in its plan', () => {
    expect(plan.text).toContain(ANSWER);
    expect(plan.text).not.toContain(SECRET);
    for (const { after } of planned('azurerm_key_vault_secret')) expect(after['value_wo']).toBeNull();
  });

  it('has no public way to database and lake, and one for a named address to the vault', () => {
    expect(only('azurerm_postgresql_flexible_server')).toMatchObject({ public_network_access_enabled: false });
    expect(only('azurerm_storage_account')).toMatchObject({
      public_network_access_enabled: false,
      shared_access_key_enabled: false,
    });
    expect(only('azurerm_key_vault')).toMatchObject({
      network_acls: [{ default_action: 'Deny', ip_rules: ['203.0.113.7'] }],
    });
  });

  it('speaks TLS 1.2 or newer to the database', () => {
    const settings = planned('azurerm_postgresql_flexible_server_configuration').map(({ after }) => after);
    expect(settings).toContainEqual(expect.objectContaining({ name: 'ssl_min_protocol_version', value: 'TLSv1.2' }));
    expect(settings).toContainEqual(expect.objectContaining({ name: 'require_secure_transport', value: 'on' }));
  });

  it('grants these roles and no other', () => {
    const roles = planned('azurerm_role_assignment').map(({ address, after }) => [
      address.replace(/^module\.\w+\.azurerm_role_assignment\./, ''),
      after['role_definition_name'],
    ]);
    const scope = `/subscriptions/${SUBSCRIPTION}`;
    expect(Object.fromEntries(roles)).toEqual({
      'image_puller["api"]': 'AcrPull',
      'image_puller["ingestion"]': 'AcrPull',
      'image_puller["migrate"]': 'AcrPull',
      raw_writer: 'Storage Blob Data Contributor',
      [`reader["${scope} Cost Management Reader"]`]: 'Cost Management Reader',
      [`reader["${scope} Monitoring Reader"]`]: 'Monitoring Reader',
      [`reader["${scope} Reader"]`]: 'Reader',
      'secret_reader["api-api"]': 'Key Vault Secrets User',
      'secret_reader["ingestion-worker"]': 'Key Vault Secrets User',
      'secret_reader["migrate-api"]': 'Key Vault Secrets User',
      'secret_reader["migrate-owner"]': 'Key Vault Secrets User',
      'secret_reader["migrate-worker"]': 'Key Vault Secrets User',
      'secret_writer["terraform"]': 'Key Vault Secrets Officer',
    });
  });

  it('sets no variable that AzCops does not read', () => {
    const logins = ['DATABASE_API_URL', 'DATABASE_WORKER_URL']; // which `migrate` makes
    const known = [...configurationVariables.map(({ name }) => name), ...logins];
    const set = [...planned('azurerm_container_app'), ...planned('azurerm_container_app_job')].flatMap(({ after }) => {
      const [template] = after['template'] as { container: { env: { name: string }[] }[] }[];
      return template!.container.flatMap(({ env }) => env.map(({ name }) => name));
    });
    expect(set).toContain('RAW_STORAGE_URL');
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names things alike, and within Azure’s limits', () => {
    const names = plan.resources
      .filter(({ mode }) => mode === 'managed')
      .map(({ type, after }) => [type, after['name']] as [string, unknown])
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const longest = (type: string) => Math.max(...names.filter(([of]) => of === type).map(([, name]) => name.length));
    expect(longest('azurerm_key_vault')).toBeLessThanOrEqual(24);
    expect(longest('azurerm_storage_account')).toBeLessThanOrEqual(24);
    expect(longest('azurerm_container_app')).toBeLessThanOrEqual(32);
    expect(longest('azurerm_container_app_job')).toBeLessThanOrEqual(32);
    const free = /_(secret|configuration|database|rule|container|zone|a_record|diagnostic_setting)$/;
    const own = names.filter(([type]) => !free.test(type)).map(([, name]) => name);
    expect(own.filter((name) => !/^[a-z]+-?azcops-?dev/.test(name))).toEqual([]);
  });

  it.each([
    ['a name instead of an id', { subscription_id: 'production' }, 'az account show --query id'],
    ['nobody to call the API', { api_ip_ranges: [] }, 'Name who may call the API'],
    ['a registry’s name', { container_registry_id: 'acrazcops' }, 'az acr show --name <registry> --query id'],
    ['an image without version', { image: 'acrazcops.azurecr.io/azcops' }, 'Write registry/repository:version'],
    ['no administrator', { database_administrators: {} }, 'Name at least one administrator'],
    ['a resource group to read', { reader_scopes: ['/subscriptions/x/resourceGroups/y'] }, 'Write /subscriptions/<id>'],
  ])('refuses %s and says what to do', async (_, changes, advice) => {
    const refusal = await terraform
      .plan('environments/dev', { ...VARIABLES, ...changes })
      .catch((error: Error) => error);
    expect((refusal as Error).message.replaceAll(/\s*[│\n]\s*/g, ' ')).toContain(advice);
  });
});

describe.skipIf(absence !== null)('the bootstrap', () => {
  it('can be planned from nothing', async () => {
    const terraform = await Terraform.start();
    try {
      const { resources } = await terraform.plan('bootstrap', { subscription_id: SUBSCRIPTION });
      expect(resources.map(({ type }) => type).sort()).toEqual([
        'azurerm_container_registry',
        'azurerm_resource_group',
        'azurerm_role_assignment',
        'azurerm_storage_account',
        'azurerm_storage_container',
      ]);
    } finally {
      terraform.stop();
    }
  });
});
