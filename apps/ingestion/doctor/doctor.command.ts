import { CONNECTOR_IDS } from '#connectors/connector-ids.js';
import { notAsked, passed } from '#core/check.js';
import type { Config } from '#core/config.js';
import type { Logger } from '#core/logger.js';
import { JobQueue } from '#db/queue/job-queue.js';
import { parseRawLocation } from '#raw-store/raw-location.js';
import { connectDatabase } from '../connect-database.js';
import { assembleParts, type Parts } from '../parts.js';
import { requireTenant } from '../tenant-argument.js';
import { exitCodeOf, SIGN_IN, type CheckGroup, type NamedCheck } from './diagnosis.js';
import { diagnosisJson } from './diagnosis-json.js';
import { DiagnosisText } from './diagnosis-text.js';
import type { DoctorRequest } from './doctor-arguments.js';
import { checkRawStore, databaseTarget, named, opened } from './own-checks.js';
import { checkTenant } from './tenant-checks.js';

const OWN_CHECKS = ['configuration', 'database', 'queue', 'raw store', 'tenants'];

/**
 * `doctor`: checks AzCops itself, then each tenant's credential and what it can read. Exit code 0 all fine, 2 something
 * is limited, 1 nothing works or a credential is refused; `ConfigurationError` is thrown on.
 */
export async function runDoctor(request: DoctorRequest, config: Config, logger: Logger): Promise<number> {
  parseRawLocation(config.rawStorageUrl);
  const text = new DiagnosisText([...OWN_CHECKS, SIGN_IN, ...CONNECTOR_IDS], process.stdout.isTTY);
  const groups: CheckGroup[] = [];
  for await (const group of examine(request, config, logger)) {
    groups.push(group);
    if (!request.json) process.stdout.write(`${text.group(group)}\n`);
  }
  const end = request.json ? JSON.stringify(diagnosisJson(groups), null, 2) : text.summary(groups);
  process.stdout.write(`${end}\n`);
  return exitCodeOf(groups);
}

/** Groups of checks as they are done. */
async function* examine(request: DoctorRequest, config: Config, logger: Logger): AsyncGenerator<CheckGroup, void> {
  const checks = [named('configuration', passed('', 'Complete.'))];
  const own: CheckGroup = {
    title: 'AzCops',
    tenant: null,
    clientId: config.azure.credentials.default.clientId ?? null,
    checks,
  };
  const parts = await openParts(config, logger, checks);
  if (!parts) return yield own;
  try {
    const tenants = request.tenant
      ? [await requireTenant(parts.tenants, request.tenant)]
      : await parts.tenants.targets(null);
    checks.push(await checkRawStore(config, parts.azure, parts.clock));
    if (tenants.length === 0) checks.push(named('tenants', NO_TENANT));
    yield own;
    for (const tenant of tenants) yield await checkTenant(parts, tenant, request.subscriptions);
  } finally {
    await parts.close();
  }
}

/** What the rest needs, or null after a check that says why it cannot be had. */
async function openParts(config: Config, logger: Logger, checks: NamedCheck[]): Promise<Parts | null> {
  const target = databaseTarget(config.databaseUrl!);
  const database = await opened(
    'database',
    () => connectDatabase(config),
    `Connected as a worker: ${target}.`,
    `Check DATABASE_URL (${target}), and that the server runs and is reachable from here.`,
  );
  checks.push(database.check);
  if (!database.value) {
    checks.push(named('queue', notAsked('', 'It is in the database, and so is the list of tenants.')));
    return null;
  }
  const { value } = database;
  const queue = await opened(
    'queue',
    () => JobQueue.forSending(value.pool, logger),
    'Jobs can be sent.',
    'Bring the database to the current schema: make migrate',
  );
  checks.push(queue.check);
  if (queue.value) return assembleParts(config, logger, value, queue.value);
  await value.close();
  return null;
}

const NO_TENANT = {
  subject: '',
  outcome: 'unavailable',
  reason: 'No tenant is registered.',
  action:
    'Register one: POST /api/v1/tenants {"name": "Contoso", "azure_tenant_id": "<its id in Entra>", "type": "internal"}',
  grant: null,
} as const;
