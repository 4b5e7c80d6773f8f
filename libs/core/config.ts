import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { deliverySecrets, isDeliverySecret } from './delivery-secrets.js';
import type { DeliverySecret } from './delivery.js';
import { ConfigurationError } from './errors.js';
import { TRACE_SAMPLERS, type TraceSampling } from './tracing.js';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const url = z.string().refine((text) => URL.canParse(text), 'must be an absolute URL');
const httpsUrl = url.refine((text) => text.startsWith('https://'), 'must begin with https://');
const port = z.coerce.number('must be a number').int().min(0, 'must be 0–65535').max(65535, 'must be 0–65535');
const schedule = z
  .string()
  .refine(
    (text) => /^(off|(\S+\s+){4,5}\S+)$/.test(text.trim()),
    'must be a cron expression of five fields, in UTC, or off',
  )
  .transform((text) => (text.trim() === 'off' ? null : text));
const postgresUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol),
    'must be a postgresql:// URL',
  );
const flag = z.enum(['auto', 'on', 'off'], 'must be auto, on or off');

/** Every environment variable the product reads; descriptions become `.env.example`. */
const environment = z.object({
  PORT: port.default(3000).describe('Port of the API'),
  HOST: z.string().default('127.0.0.1').describe('Address the API listens on; the image sets 0.0.0.0'),
  DATABASE_URL: postgresUrl
    .optional()
    .describe('PostgreSQL login of this process; empty: embedded PostgreSQL (make commands)'),
  DATABASE_OWNER_URL: postgresUrl.optional().describe('Owner login, used by make migrate alone'),
  DATABASE_API_URL: postgresUrl
    .optional()
    .describe('Login of the API, which migrate makes or gives that password; empty: made by you'),
  DATABASE_WORKER_URL: postgresUrl.optional().describe('The same for the login of the ingestion worker'),
  AZCOPS_DATA_DIR: z.string().min(1).default('.data').describe('Embedded database, sandbox state, local raw store'),
  RAW_STORAGE_URL: z
    .string()
    .optional()
    .describe('abfss://raw@account.dfs.core.windows.net, https://host/filesystem, or a path'),
  AZURE_TENANT_ID: z.string().optional().describe('Entra tenant of the reading application'),
  AZURE_CLIENT_ID: z.string().optional().describe('Client id of the reading application'),
  AZURE_CLIENT_SECRET: z
    .string()
    .optional()
    .describe('Its secret; leave empty with a federated token or managed identity'),
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional().describe('Path of a workload identity token'),
  AZURE_AUTHORITY_HOST: httpsUrl.default('https://login.microsoftonline.com').describe('Entra ID of the cloud'),
  AZURE_RESOURCE_MANAGER_URL: httpsUrl
    .default('https://management.azure.com')
    .describe('Resource Manager of the cloud'),
  AZURE_METRICS_URL_TEMPLATE: z
    .string()
    .startsWith('https://', 'must begin with https://')
    .default('https://{region}.metrics.monitor.azure.com')
    .describe('Metrics data plane of the cloud'),
  AZURE_RETAIL_PRICES_URL: httpsUrl.default('https://prices.azure.com').describe('Retail price list'),
  AZURE_QUOTAS: z
    .enum(['documented', 'off'], 'must be documented or off')
    .default('documented')
    .describe('Keep to Azure’s documented request limits ahead of time, or only heed its refusals'),
  AZURE_QUOTA_RESERVE_PERCENT: z.coerce
    .number('must be a number')
    .int()
    .min(0)
    .max(90)
    .default(10)
    .describe('Share of Cost Management’s quota left to people in the portal'),
  AZURE_SANDBOX: flag.default('auto').describe('Whether make dev starts the local Azure: auto, on, off'),
  AUTH_ISSUERS: list.describe('Accepted token issuers; {tenantid} stands for the token’s tid'),
  AUTH_AUDIENCES: list.describe('Accepted audiences'),
  AUTH_JWKS_URLS: list.describe('Key sets, paired with issuers by position; empty: the issuer’s discovery document'),
  AUTH_HOME_TENANT_ID: z.guid('must be a GUID').optional().describe('Entra tenant whose callers see all tenants'),
  INGESTION_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(10).describe('Windows in work per worker'),
  INGESTION_BACKFILL_MONTHS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36)
    .default(3)
    .describe('Whole months before the current one that a first read goes back'),
  METRICS_PORT: port.optional().describe('Prometheus metrics; 9464 for the API, 9465 for ingestion'),
  RETENTION_COST_MONTHS: z.coerce
    .number('must be a number')
    .int()
    .min(1)
    .max(600)
    .optional()
    .describe('Whole months of costs to keep before the current one; off when empty, 37 is a good choice'),
  RETENTION_METRIC_DAYS: z.coerce
    .number('must be a number')
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe('Days that metrics are kept; off when empty, 93 is a good choice'),
  RETENTION_IMPORTS: list.describe(
    'Imported sources that RETENTION_COST_MONTHS is for as well: focus-file, azure-export-file, azure-export for all exports',
  ),
  DELIVERY_ALLOWED_HOSTS: list.describe(
    'Hosts that messages may be sent to though their address is private, e.g. jira.corp.example',
  ),
  DELIVERY_DIGEST_HOUR: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be 0–23')
    .max(23, 'must be 0–23')
    .default(7)
    .describe('Hour of the daily digests, in UTC'),
  DELIVERY_LINK_TEMPLATE: httpsUrl
    .default('https://portal.azure.com/#@{azure_tenant_id}/resource{resource_id}')
    .describe('Where messages lead to; {recommendation_id} is known as well'),
  SCHEDULE_FULL: schedule.default('0 2 * * *').describe('Full runs, cron in UTC; off where something else starts them'),
  SCHEDULE_INCREMENTAL: schedule.default('0 * * * *').describe('Incremental runs, cron in UTC; or off'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url
    .optional()
    .describe(
      'Where traces are sent, OTLP over HTTP; no traces when empty. The rest of OTEL_EXPORTER_OTLP_*, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are heeded as well',
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional().describe('The same in full, with /v1/traces or whatever it is'),
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'none'], 'must be otlp or none')
    .optional()
    .describe('otlp sends traces to http://localhost:4318 where no endpoint is set; none sends none'),
  OTEL_TRACES_SAMPLER: z
    .enum(TRACE_SAMPLERS, `must be among ${TRACE_SAMPLERS.join(', ')}`)
    .default('parentbased_always_on')
    .describe('Which traces are kept'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('must be a number')
    .min(0, 'must be 0–1')
    .max(1, 'must be 0–1')
    .default(1)
    .describe('Share of traces that traceidratio keeps'),
  OTEL_SDK_DISABLED: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false'], 'must be true or false'))
    .default('false')
    .describe('true sends no traces whatever else is set'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').describe('pino level'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json').describe('json, or pretty for people'),
});

/** Name, meaning and default of every variable, in the order of `.env.example`. */
export const configurationVariables: readonly { name: string; description: string; default?: string }[] =
  Object.entries(environment.shape).map(([name, schema]) => {
    const absent = schema.safeParse(undefined);
    const value = absent.success ? absent.data : undefined;
    return {
      name,
      description: schema.description ?? '',
      ...(value === undefined || Array.isArray(value) ? {} : { default: String(value) }),
    };
  });

/** Credentials of one application registration; absent parts fall back to Azure's default chain. */
export interface AzureCredentials {
  tenantId?: string;
  clientId?: string;
  clientSecret?: string;
  federatedTokenFile?: string;
}

export interface TrustedIssuer {
  /** Exact issuer, or a template with `{tenantid}`. */
  issuer: string;
  /** Null: read the issuer's discovery document. */
  jwksUrl: string | null;
}

/** The parsed configuration. Secrets are in here: never log it whole. */
export interface Config {
  http: { host: string; port: number };
  metricsPort: number | null;
  databaseUrl: string | null;
  databaseOwnerUrl: string | null;
  /** Of the login that `migrate` makes for each process; null: somebody else makes it. */
  processDatabaseUrls: { api: string | null; worker: string | null };
  dataDir: string;
  rawStorageUrl: string;
  azure: {
    authorityHost: string;
    resourceManagerUrl: string;
    /** `{region}` stands for the region. */
    metricsUrlTemplate: string;
    retailPricesUrl: string;
    quotas: { limits: 'documented' | 'off'; reserve: number };
    credentials: { default: AzureCredentials; byRef: Record<string, AzureCredentials> };
  };
  auth: { issuers: TrustedIssuer[]; audiences: string[]; homeTenantId: string | null };
  ingestion: {
    concurrency: number;
    backfillMonths: number;
    /** Null: something else starts these runs. */
    scheduleFull: string | null;
    scheduleIncremental: string | null;
  };
  /** How traces are chosen; null where none are sent. */
  tracing: TraceSampling | null;
  /** Null keeps everything. `imports` names imported sources that age as well. */
  retention: { costMonths: number | null; metricDays: number | null; imports: string[] };
  delivery: {
    /** Lower-cased. */
    allowedHosts: string[];
    digestHour: number;
    linkTemplate: string;
    secrets: Record<string, DeliverySecret>;
  };
  log: { level: string; format: 'json' | 'pretty' };
}

/** What a process cannot do without; asked for by the process, so that `migrate` needs no issuer. */
export type ConfigurationNeed = 'database' | 'database-owner' | 'auth';

/**
 * Reads the environment once. Empty variables count as unset; `NAME_FILE` names a file that holds the value of `NAME`.
 * Throws one `ConfigurationError` that lists every problem with its variable's name; values are never repeated.
 */
export function loadConfig(needs: readonly ConfigurationNeed[] = [], env: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const present = withFiles(Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim())), problems);
  const parsed = environment.safeParse(present);
  problems.push(...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const require = (name: string, why: string) => {
    if (!present[name] && !problems.some((problem) => problem.startsWith(name)))
      problems.push(`${name}: is empty; ${why}`);
  };
  if (needs.includes('database')) {
    require('DATABASE_URL', 'set the API’s or worker’s login, or use the make commands, which bring a database along');
  }
  if (needs.includes('database-owner')) require('DATABASE_OWNER_URL', 'migrations need the owner’s login');
  if (needs.includes('auth')) {
    require('AUTH_ISSUERS', 'the API must know whose tokens it accepts');
    require('AUTH_AUDIENCES', 'the API must know which audience its tokens carry');
  }
  const issuers = issuerProblems(present, problems);
  if (present['AZURE_CLIENT_SECRET'] && !present['AZURE_CLIENT_ID']) {
    problems.push('AZURE_CLIENT_ID: is empty although AZURE_CLIENT_SECRET is set');
  }
  const secrets = deliverySecrets(present, problems);
  const { RETENTION_COST_MONTHS: keep, INGESTION_BACKFILL_MONTHS: backfill } = parsed.data ?? {};
  if (keep !== undefined && keep < backfill!) {
    problems.push('RETENTION_COST_MONTHS: is less than INGESTION_BACKFILL_MONTHS; what expires would be read again');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  const values = parsed.data;
  return {
    http: { host: values.HOST, port: values.PORT },
    metricsPort: values.METRICS_PORT ?? null,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseOwnerUrl: values.DATABASE_OWNER_URL ?? null,
    processDatabaseUrls: { api: values.DATABASE_API_URL ?? null, worker: values.DATABASE_WORKER_URL ?? null },
    dataDir: values.AZCOPS_DATA_DIR,
    rawStorageUrl: values.RAW_STORAGE_URL ?? `${values.AZCOPS_DATA_DIR}/raw`,
    azure: {
      authorityHost: values.AZURE_AUTHORITY_HOST,
      resourceManagerUrl: values.AZURE_RESOURCE_MANAGER_URL.replace(/\/+$/, ''),
      metricsUrlTemplate: values.AZURE_METRICS_URL_TEMPLATE.replace(/\/+$/, ''),
      retailPricesUrl: values.AZURE_RETAIL_PRICES_URL.replace(/\/+$/, ''),
      quotas: { limits: values.AZURE_QUOTAS, reserve: values.AZURE_QUOTA_RESERVE_PERCENT / 100 },
      credentials: {
        default: {
          tenantId: values.AZURE_TENANT_ID,
          clientId: values.AZURE_CLIENT_ID,
          clientSecret: values.AZURE_CLIENT_SECRET,
          federatedTokenFile: values.AZURE_FEDERATED_TOKEN_FILE,
        },
        byRef: credentialsByRef(present),
      },
    },
    auth: { issuers, audiences: values.AUTH_AUDIENCES, homeTenantId: values.AUTH_HOME_TENANT_ID ?? null },
    ingestion: {
      concurrency: values.INGESTION_CONCURRENCY,
      backfillMonths: values.INGESTION_BACKFILL_MONTHS,
      scheduleFull: values.SCHEDULE_FULL,
      scheduleIncremental: values.SCHEDULE_INCREMENTAL,
    },
    tracing: sendsTraces(values)
      ? { sampler: values.OTEL_TRACES_SAMPLER, ratio: values.OTEL_TRACES_SAMPLER_ARG }
      : null,
    retention: {
      costMonths: values.RETENTION_COST_MONTHS ?? null,
      metricDays: values.RETENTION_METRIC_DAYS ?? null,
      imports: values.RETENTION_IMPORTS,
    },
    delivery: {
      allowedHosts: values.DELIVERY_ALLOWED_HOSTS.map((host) => host.toLowerCase()),
      digestHour: values.DELIVERY_DIGEST_HOUR,
      linkTemplate: values.DELIVERY_LINK_TEMPLATE,
      secrets,
    },
    log: { level: values.LOG_LEVEL, format: values.LOG_FORMAT },
  };
}

function sendsTraces(values: z.output<typeof environment>): boolean {
  if (values.OTEL_SDK_DISABLED === 'true' || values.OTEL_TRACES_EXPORTER === 'none') return false;
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint !== undefined || values.OTEL_TRACES_EXPORTER === 'otlp';
}

/** Takes in values from files, as containers are handed their secrets. */
function withFiles(
  present: Record<string, string | undefined>,
  problems: string[],
): Record<string, string | undefined> {
  const result = { ...present };
  for (const [variable, file] of Object.entries(present)) {
    const name = /^(.+)_FILE$/.exec(variable)?.[1];
    const isKnown = name && (name in environment.shape || CREDENTIAL_VARIABLE.test(name) || isDeliverySecret(name));
    if (!isKnown || !file) continue;
    if (present[name]) {
      problems.push(`${variable}: is set together with ${name}; set one of them`);
      continue;
    }
    try {
      result[name] = readFileSync(file, 'utf8').trim() || undefined;
    } catch (error) {
      problems.push(`${variable}: the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  return result;
}

function issuerProblems(present: Record<string, string | undefined>, problems: string[]): TrustedIssuer[] {
  const issuers = list.parse(present['AUTH_ISSUERS']);
  // Positions matter: an empty place between two commas means "this issuer's discovery document".
  const keySets = present['AUTH_JWKS_URLS']?.split(',').map((part) => part.trim()) ?? [];
  if (keySets.length > issuers.length)
    problems.push('AUTH_JWKS_URLS: has more entries than AUTH_ISSUERS; they pair by position');
  for (const issuer of issuers) {
    if (!URL.canParse(issuer.replace('{tenantid}', 'x')) || !issuer.startsWith('https://')) {
      problems.push('AUTH_ISSUERS: every issuer must be an https:// URL');
    }
  }
  for (const keySet of keySets.filter(Boolean)) {
    if (!URL.canParse(keySet) || !keySet.startsWith('https://'))
      problems.push('AUTH_JWKS_URLS: every entry must be an https:// URL');
  }
  return issuers.map((issuer, index) => ({ issuer, jwksUrl: keySets[index] || null }));
}

const CREDENTIAL_VARIABLE = /^AZURE_CREDENTIAL_([A-Z0-9_]+?)_(TENANT_ID|CLIENT_ID|CLIENT_SECRET|FEDERATED_TOKEN_FILE)$/;

/** A tenant's `credential_ref` of `CONTOSO` reads `AZURE_CREDENTIAL_CONTOSO_CLIENT_ID` and its siblings. */
function credentialsByRef(present: Record<string, string | undefined>): Record<string, AzureCredentials> {
  const fields = {
    TENANT_ID: 'tenantId',
    CLIENT_ID: 'clientId',
    CLIENT_SECRET: 'clientSecret',
    FEDERATED_TOKEN_FILE: 'federatedTokenFile',
  } as const;
  const byRef: Record<string, AzureCredentials> = {};
  for (const [name, value] of Object.entries(present)) {
    const match = CREDENTIAL_VARIABLE.exec(name);
    if (!match?.[1] || !match[2]) continue;
    (byRef[match[1]] ??= {})[fields[match[2] as keyof typeof fields]] = value;
  }
  return byRef;
}
