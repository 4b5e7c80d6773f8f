import type { FakeAnswer, FakeRequest } from '#connectors/testing/fake-azure.js';

/** How much of Resource Graph's answers there is. */
export interface InventorySize {
  subscriptions: number;
  /** Per subscription. */
  resources: number;
}

/** A resource as Resource Graph tells it; what is JSON is text. */
export interface InventoryRow {
  id: string;
  subscriptionId: string;
  name: string;
  type: string;
  location: string;
  resourceGroup: string;
  managedBy: string;
  tags: string;
  sku: string | null;
  properties: string;
}

/** What can be added up over an inventory, so that a value that is lost or changed shows. */
export interface InventorySums {
  resources: number;
  /** Of the tag `cost-center`. */
  tags: number;
  /** Of the property `checksum`. */
  properties: number;
  /** Characters of all ids. */
  ids: number;
}

interface Kind {
  provider: string;
  kind: string;
  sku: string | null;
  managed: boolean;
  properties: (path: string, name: string) => string;
}

const LOCATION = 'westeurope';
const PAGE_ROWS = 1_000;
const GROUP_RESOURCES = 10;

/** A group's resources in the order of their ids, with properties as long as real ones: 1,280 bytes on average. */
const KINDS: readonly Kind[] = [
  kindOf('Microsoft.Compute/disks', diskProperties, { sku: '{"name":"Premium_LRS","tier":"Premium"}', managed: true }),
  kindOf('Microsoft.Compute/disks', diskProperties, { sku: '{"name":"StandardSSD_LRS","tier":"Standard"}' }),
  kindOf('Microsoft.Compute/virtualMachines', machineProperties),
  kindOf('Microsoft.Compute/virtualMachines', machineProperties),
  kindOf('Microsoft.Network/networkInterfaces', cardProperties),
  kindOf('Microsoft.Network/networkInterfaces', cardProperties),
  kindOf('Microsoft.Network/networkSecurityGroups', groupProperties),
  kindOf('Microsoft.Network/publicIPAddresses', addressProperties, { sku: '{"name":"Standard","tier":"Regional"}' }),
  kindOf('Microsoft.Sql/servers/databases', databaseProperties, {
    kind: 'v12.0,user',
    sku: '{"name":"S3","tier":"Standard","capacity":100}',
  }),
  kindOf('Microsoft.Storage/storageAccounts', accountProperties, {
    kind: 'StorageV2',
    sku: '{"name":"Standard_LRS","tier":"Standard"}',
  }),
];

/** Resource Graph's answers for an estate of any size, in pages of a thousand, shaped and as long as real ones. */
export class InventoryPages {
  readonly size: InventorySize;

  /** Written so that Node runs it as it stands. */
  constructor(size: InventorySize) {
    this.size = size;
  }

  subscriptionIds(): string[] {
    return Array.from({ length: this.size.subscriptions }, (_, index) => subscriptionId(index));
  }

  /** The resources one by one, for baselines that write the same rows. */
  *rows(): Generator<InventoryRow> {
    for (let index = 0; index < this.#total; index += 1) yield this.#row(index);
  }

  sums(): InventorySums {
    const sums = { resources: 0, tags: 0, properties: 0, ids: 0 };
    for (let index = 0; index < this.#total; index += 1) {
      sums.resources += 1;
      sums.tags += costCenter(index);
      sums.properties += checksum(index);
      sums.ids += this.#row(index).id.length;
    }
    return sums;
  }

  /** In place of Resource Manager. The whole estate is answered, whatever subscriptions are named. */
  answer({ json }: FakeRequest): FakeAnswer {
    const { query, options } = json as { query: string; options: { $top: number; $skipToken?: string } };
    if (query.startsWith('ResourceContainers')) return { body: this.#subscriptions() };
    const from = Number(options.$skipToken ?? 0);
    const to = Math.min(from + Math.min(options.$top, PAGE_ROWS), this.#total);
    const rows: string[] = [];
    for (let index = from; index < to; index += 1) rows.push(rowText(this.#row(index)));
    return { body: page(this.#total, rows, to < this.#total ? String(to) : null) };
  }

  get #total(): number {
    return this.size.subscriptions * this.size.resources;
  }

  #subscriptions(): string {
    const rows = this.subscriptionIds().map((id) => `{"id":"/subscriptions/${id}","subscriptionId":"${id}"}`);
    return page(rows.length, rows, null);
  }

  #row(index: number): InventoryRow {
    const subscription = subscriptionId(Math.floor(index / this.size.resources));
    const resource = index % this.size.resources;
    const { provider, sku, managed, properties } = KINDS[resource % GROUP_RESOURCES]!;
    const group = `rg-prod-weu-${digits(Math.floor(resource / GROUP_RESOURCES))}`;
    const [namespace, ...types] = provider.split('/');
    const name = `${types.at(-1)!.toLowerCase()}-${digits(resource)}`;
    const path = `/subscriptions/${subscription}/resourceGroups/${group}/providers`;
    const parents = types.length > 1 ? `/${namespace}/${types[0]}/sql-${digits(resource)}/${types[1]}` : `/${provider}`;
    return {
      id: `${path}${parents}/${name}`,
      subscriptionId: subscription,
      name,
      type: provider.toLowerCase(),
      location: LOCATION,
      resourceGroup: group,
      managedBy: managed ? `${path}/Microsoft.Compute/virtualMachines/virtualmachines-${digits(resource + 2)}` : '',
      tags: `{"cost-center":"${costCenter(index)}","env":"prod","owner":"team-${index % 37}@contoso.example"}`,
      sku,
      properties: `{"checksum":${checksum(index)},${properties(path, name)}}`,
    };

    function digits(value: number): string {
      return String(value).padStart(5, '0');
    }
  }
}

function kindOf(
  provider: string,
  properties: Kind['properties'],
  { kind = '', sku = null, managed = false }: Partial<Pick<Kind, 'kind' | 'sku' | 'managed'>> = {},
): Kind {
  return { provider, kind, sku, managed, properties };
}

function subscriptionId(index: number): string {
  return `5b000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

function costCenter(index: number): number {
  return 4_000 + ((Math.imul(index + 1, 7_919) >>> 0) % 1_000);
}

function checksum(index: number): number {
  return Math.imul(index + 1, 2_654_435_761) >>> 0;
}

function page(total: number, rows: readonly string[], next: string | null): string {
  const more = next === null ? '"resultTruncated":"false"' : `"resultTruncated":"true","$skipToken":"${next}"`;
  return `{"totalRecords":${total},"count":${rows.length},"data":[${rows.join(',')}],"facets":[],${more}}`;
}

function rowText({ id, subscriptionId: subscription, name, type, ...row }: InventoryRow): string {
  const { kind: kindText } = KINDS.find(({ provider }) => provider.toLowerCase() === type)!;
  return (
    `{"id":"${id}","name":"${name}","type":"${type}","kind":"${kindText}","location":"${row.location}",` +
    `"resourceGroup":"${row.resourceGroup}","subscriptionId":"${subscription}","managedBy":"${row.managedBy}",` +
    `"tags":${row.tags},"sku":${row.sku},"properties":${row.properties}}`
  );
}

function diskProperties(_path: string, name: string): string {
  return (
    `"diskSizeGB":128,"diskSizeBytes":137438953472,"diskState":"Attached","diskIOPSReadWrite":500,"diskMBpsReadWrite":100,` +
    `"encryption":{"type":"EncryptionAtRestWithPlatformKey"},"creationData":{"createOption":"FromImage","imageReference":` +
    `{"id":"/Subscriptions/x/Providers/Microsoft.Compute/Locations/westeurope/Publishers/canonical/ArtifactTypes/VMImage/` +
    `Offers/ubuntu-24_04-lts/Skus/server/Versions/24.04.202502210"}},"hyperVGeneration":"V2","networkAccessPolicy":"AllowAll",` +
    `"publicNetworkAccess":"Enabled","osType":"Linux","provisioningState":"Succeeded","timeCreated":` +
    `"2024-03-05T09:12:44.1268471+00:00","uniqueId":"0f6b1d0e-7a2c-4f4a-9a51-${name.slice(-5)}0000000","tier":"P10"`
  );
}

function machineProperties(path: string, name: string): string {
  const status = (code: string) =>
    `{"code":"${code}","level":"Info","displayStatus":"${code.split('/')[1]}","time":"2026-04-01T05:11:09.2268471+00:00"}`;
  return (
    `"hardwareProfile":{"vmSize":"Standard_D4s_v5"},"provisioningState":"Succeeded","vmId":"5e7c653d-7a2c-4f4a-9a51-` +
    `${name.slice(-5)}0000000","timeCreated":"2024-03-05T09:12:41.9393471+00:00","additionalCapabilities":{"hibernationEnabled":` +
    `false},"storageProfile":{"imageReference":{"publisher":"canonical","offer":"ubuntu-24_04-lts","sku":"server","version":` +
    `"latest","exactVersion":"24.04.202502210"},"osDisk":{"osType":"Linux","name":"${name}_OsDisk_1_8c1f3d02b7e94b0c",` +
    `"createOption":"FromImage","caching":"ReadWrite","deleteOption":"Delete","diskSizeGB":128,"managedDisk":` +
    `{"storageAccountType":"Premium_LRS","id":"${path}/Microsoft.Compute/disks/${name}_OsDisk_1_8c1f3d02b7e94b0c"}},"dataDisks":` +
    `[],"diskControllerType":"SCSI"},"osProfile":{"computerName":"${name}","adminUsername":"azureuser","linuxConfiguration":` +
    `{"disablePasswordAuthentication":true,"provisionVMAgent":true,"patchSettings":{"patchMode":"ImageDefault",` +
    `"assessmentMode":"ImageDefault"}},"secrets":[],"allowExtensionOperations":true,"requireGuestProvisionSignal":true},` +
    `"securityProfile":{"uefiSettings":{"secureBootEnabled":true,"vTpmEnabled":true},"securityType":"TrustedLaunch"},` +
    `"networkProfile":{"networkInterfaces":[{"id":"${path}/Microsoft.Network/networkInterfaces/${name}-nic","properties":` +
    `{"deleteOption":"Detach"}}]},"diagnosticsProfile":{"bootDiagnostics":{"enabled":true}},"extended":{"instanceView":` +
    `{"computerName":"${name}","hyperVGeneration":"V2","osName":"ubuntu","osVersion":"24.04","powerState":` +
    `${status('PowerState/running')},"statuses":[${status('ProvisioningState/succeeded')},${status('PowerState/running')}]}}`
  );
}

function cardProperties(path: string, name: string): string {
  return (
    `"provisioningState":"Succeeded","resourceGuid":"8c1f3d02-7a2c-4f4a-9a51-${name.slice(-5)}0000000","ipConfigurations":` +
    `[{"name":"ipconfig1","id":"${path}/Microsoft.Network/networkInterfaces/${name}/ipConfigurations/ipconfig1","etag":` +
    `"W/\\"b7e94b0c-1111-4f4a-9a51-0000000000aa\\"","type":"Microsoft.Network/networkInterfaces/ipConfigurations","properties":` +
    `{"provisioningState":"Succeeded","privateIPAddress":"10.1.4.17","privateIPAllocationMethod":"Dynamic","subnet":{"id":` +
    `"${path}/Microsoft.Network/virtualNetworks/vnet-prod-weu/subnets/default"},"primary":true,"privateIPAddressVersion":"IPv4"}}` +
    `],"dnsSettings":{"dnsServers":[],"appliedDnsServers":[],"internalDomainNameSuffix":"x0aabbccddeeff.ax.internal.cloudapp.net"` +
    `},"macAddress":"00-0D-3A-2B-11-7F","enableAcceleratedNetworking":true,"enableIPForwarding":false,"vnetEncryptionSupported":` +
    `false,"primary":true,"hostedWorkloads":[],"tapConfigurations":[],"nicType":"Standard","allowPort25Out":false,"auxiliaryMode":"None"`
  );
}

function groupProperties(path: string, name: string): string {
  const rule = (direction: string, title: string, priority: number) =>
    `{"name":"${title}","id":"${path}/Microsoft.Network/networkSecurityGroups/${name}/defaultSecurityRules/${title}","type":` +
    `"Microsoft.Network/networkSecurityGroups/defaultSecurityRules","properties":{"provisioningState":"Succeeded","protocol":"*",` +
    `"sourcePortRange":"*","destinationPortRange":"*","sourceAddressPrefix":"*","destinationAddressPrefix":"*","access":"Allow",` +
    `"priority":${priority},"direction":"${direction}","sourcePortRanges":[],"destinationPortRanges":[]}}`;
  return (
    `"provisioningState":"Succeeded","resourceGuid":"77aa1d02-7a2c-4f4a-9a51-${name.slice(-5)}0000000","securityRules":[],` +
    `"defaultSecurityRules":[${rule('Inbound', 'AllowVnetInBound', 65_000)},${rule('Inbound', 'DenyAllInBound', 65_500)},` +
    `${rule('Outbound', 'AllowVnetOutBound', 65_000)},${rule('Outbound', 'DenyAllOutBound', 65_500)}]`
  );
}

function addressProperties(path: string, name: string): string {
  return (
    `"provisioningState":"Succeeded","resourceGuid":"11aa1d02-7a2c-4f4a-9a51-${name.slice(-5)}0000000","ipAddress":"20.61.4.17",` +
    `"publicIPAddressVersion":"IPv4","publicIPAllocationMethod":"Static","idleTimeoutInMinutes":4,"ipTags":[],"ddosSettings":` +
    `{"protectionMode":"VirtualNetworkInherited"},"ipConfiguration":{"id":"${path}/Microsoft.Network/networkInterfaces/${name}-nic"}`
  );
}

function databaseProperties(_path: string, name: string): string {
  return (
    `"collation":"SQL_Latin1_General_CP1_CI_AS","maxSizeBytes":268435456000,"status":"Online","databaseId":"33aa1d02-7a2c-4f4a-` +
    `9a51-${name.slice(-5)}0000000","creationDate":"2024-03-05T09:13:31.567Z","currentServiceObjectiveName":"S3",` +
    `"requestedServiceObjectiveName":"S3","defaultSecondaryLocation":"northeurope","catalogCollation":` +
    `"SQL_Latin1_General_CP1_CI_AS","zoneRedundant":false,"earliestRestoreDate":"2026-03-25T00:00:00Z","readScale":"Disabled",` +
    `"currentSku":{"name":"Standard","tier":"Standard","capacity":100},"currentBackupStorageRedundancy":"Geo",` +
    `"requestedBackupStorageRedundancy":"Geo","maintenanceConfigurationId":"/subscriptions/x/providers/Microsoft.Maintenance/` +
    `publicMaintenanceConfigurations/SQL_Default","isLedgerOn":false,"isInfraEncryptionEnabled":false,"availabilityZone":"NoPreference"`
  );
}

function accountProperties(_path: string, name: string): string {
  const endpoint = (service: string) =>
    `"${service}":"https://${name.replaceAll('-', '')}.${service}.core.windows.net/"`;
  return (
    `"provisioningState":"Succeeded","creationTime":"2024-03-05T09:12:20.0330000Z","primaryLocation":"${LOCATION}",` +
    `"statusOfPrimary":"available","accessTier":"Hot","allowBlobPublicAccess":false,"allowSharedKeyAccess":true,` +
    `"minimumTlsVersion":"TLS1_2","supportsHttpsTrafficOnly":true,"isHnsEnabled":false,"encryption":{"keySource":` +
    `"Microsoft.Storage","requireInfrastructureEncryption":false,"services":{"blob":{"enabled":true,"keyType":"Account",` +
    `"lastEnabledTime":"2024-03-05T09:12:20.1580000Z"},"file":{"enabled":true,"keyType":"Account","lastEnabledTime":` +
    `"2024-03-05T09:12:20.1580000Z"}}},"networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],` +
    `"virtualNetworkRules":[],"ipv6Rules":[]},"privateEndpointConnections":[],"primaryEndpoints":{${endpoint('blob')},` +
    `${endpoint('dfs')},${endpoint('file')},${endpoint('queue')},${endpoint('table')},${endpoint('web')}}`
  );
}
