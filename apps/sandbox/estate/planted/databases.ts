import { DATABASE_SIZES, PLATFORM_METERS, databaseMeter, type DatabaseSize, type MeterUse } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;
const [, S3, GP4] = DATABASE_SIZES;
const GIB = 1024 ** 3;

const USED = {
  dtu_consumption_percent: 55,
  cpu_percent: 55,
  physical_data_read_percent: 20,
  log_write_percent: 10,
  sessions_percent: 2,
};
const LITTLE_USED = { ...USED, dtu_consumption_percent: 12, cpu_percent: 12, physical_data_read_percent: 5 };
const UNUSED = { ...LITTLE_USED, dtu_consumption_percent: 0, cpu_percent: 0, sessions_percent: 0 };

/** SQL databases and pools, PostgreSQL and MySQL servers: unused and too large ones, and what looks like them. */
export function plantedDatabases(context: WorkloadContext): void {
  const server = `sql-${context.suffix}`;
  context.add({
    type: 'Microsoft.Sql/servers',
    name: server,
    kind: 'v12.0',
    properties: { state: 'Ready', version: '12.0' },
  });
  const pool = (name: string, draft: Partial<ResourceDraft> = {}) =>
    context.add({
      type: 'Microsoft.Sql/servers/elasticPools',
      name: `${server}/${name}`,
      kind: 'vcore,pool',
      sku: { name: 'GP_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: 2 },
      properties: {
        state: 'Ready',
        creationDate: context.createdAt,
        maxSizeBytes: 32 * GIB,
        perDatabaseSettings: { minCapacity: 0, maxCapacity: 2 },
        zoneRedundant: false,
        licenseType: 'BasePrice',
      },
      meters: [hourly(PLATFORM_METERS.poolVcore, 2)],
      ...draft,
    });
  const database = (
    name: string,
    size: DatabaseSize,
    properties: { readonly licenseType?: string; readonly [name: string]: unknown } = {},
    draft: Partial<ResourceDraft> = {},
  ): void => {
    const isVcore = size.tier === 'GeneralPurpose';
    const rentsLicence = properties.licenseType === 'LicenseIncluded';
    context.add({
      type: 'Microsoft.Sql/servers/databases',
      name: `${server}/${name}`,
      kind: isVcore ? 'v12.0,user,vcore' : 'v12.0,user',
      sku: isVcore
        ? { name: 'GP_Gen5', tier: size.tier, family: 'Gen5', capacity: size.capacity }
        : { name: size.tier, tier: size.tier, capacity: size.capacity },
      properties: {
        status: 'Online',
        creationDate: context.createdAt,
        maxSizeBytes: 32 * GIB,
        zoneRedundant: false,
        currentServiceObjectiveName: size.name,
        requestedServiceObjectiveName: size.name,
        ...(isVcore ? { licenseType: 'BasePrice' } : {}),
        ...properties,
      },
      meters: [
        { meter: databaseMeter(size), dailyMicroUnits: 1_000_000, pattern: 'steady' },
        ...(rentsLicence ? [hourly(PLATFORM_METERS.sqlLicence, size.capacity)] : []),
      ],
      levels: USED,
      ...draft,
    });
  };

  pool('empty', { waste: [{ kind: 'empty-elastic-pool' }] });
  const { id } = pool('full');
  const pooled = { currentServiceObjectiveName: 'ElasticPool', elasticPoolId: id };
  database('pooled', S3, pooled, { kind: 'v12.0,user,vcore,pool', meters: [], levels: UNUSED });

  database('large', S3, {}, { levels: LITTLE_USED, waste: [{ kind: 'underused-sql-database' }] });
  database('many-cores', GP4, {}, { levels: LITTLE_USED, waste: [{ kind: 'underused-sql-database' }] });
  database('busy', S3);
  database('big-data', S3, { maxSizeBytes: 500 * GIB }, { levels: LITTLE_USED });
  database('reads', GP4, {}, { levels: { ...LITTLE_USED, physical_data_read_percent: 80 } });
  database('left', S3, {}, { levels: UNUSED, waste: [{ kind: 'unused-sql-database' }] });
  database('geo', S3, { secondaryType: 'Geo' }, { levels: UNUSED });
  const serverless = { currentServiceObjectiveName: 'GP_S_Gen5_4', autoPauseDelay: 60, status: 'Paused' };
  database('paused', GP4, serverless, { kind: 'v12.0,user,vcore,serverless', levels: UNUSED });
  const licence = { licenseType: 'LicenseIncluded' };
  database('licence', GP4, licence, { waste: [{ kind: 'sql-database-without-hybrid-benefit' }] });

  const development = { environment: 'dev', 'cost-center': 'CC-1001' };
  const zones = { zoneRedundant: true };
  database('zones-dev', GP4, zones, {
    tags: development,
    waste: [{ kind: 'redundant-database-outside-production' }],
  });
  database('zones', GP4, zones);

  flexibleServer(context, 'Microsoft.DBforPostgreSQL/flexibleServers', 'underused-postgresql-server');
  flexibleServer(context, 'Microsoft.DBforMySQL/flexibleServers', 'underused-mysql-server');
}

function flexibleServer(context: WorkloadContext, type: string, kind: string): void {
  const isPostgres = type.includes('PostgreSQL');
  const add = (name: string, cpu: number, properties: object, draft: Partial<ResourceDraft> = {}) =>
    context.add({
      type,
      name: `${isPostgres ? 'psql' : 'mysql'}-${context.suffix}-${name}`,
      sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' },
      properties: {
        state: 'Ready',
        version: isPostgres ? '16' : '8.0.21',
        replicationRole: isPostgres ? 'Primary' : 'None',
        highAvailability: { mode: 'Disabled', state: 'NotEnabled' },
        storage: { storageSizeGB: 128 },
        ...properties,
      },
      meters: [hourly(isPostgres ? PLATFORM_METERS.postgresqlVcore : PLATFORM_METERS.mysqlVcore, 4)],
      levels: { cpu_percent: cpu, memory_percent: 35 },
      ...draft,
    });
  add('large', 9, {}, { waste: [{ kind }] });
  add('busy', 60, {});
  const standby = { highAvailability: { mode: 'ZoneRedundant', state: 'Healthy' } };
  add('standby', 60, standby);
  add('standby-dev', 60, standby, {
    tags: { environment: 'dev', 'cost-center': 'CC-1001' },
    waste: [{ kind: 'redundant-database-outside-production' }],
  });
  add('replica', 9, { replicationRole: isPostgres ? 'AsyncReplica' : 'Replica' });
  add('small', 9, {}, { sku: { name: 'Standard_B2ms', tier: 'Burstable' } });
}

function hourly(meter: MeterUse['meter'], units: number): MeterUse {
  return { meter, dailyMicroUnits: units * HOURS_PER_DAY, pattern: 'steady' };
}
