import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { runProcess } from '#core/process.js';
import { migrate } from './migrate.js';
import { ensureProcessLogins } from './process-logins.js';

await runProcess(async () => {
  const config = loadConfig(['database-owner']);
  const logger = createLogger({ ...config.log, service: 'migrate' });
  const { applied } = await migrate(config.databaseOwnerUrl!);
  logger.info({ operation_name: 'migrate', applied }, applied.length ? 'database migrated' : 'database is up to date');
  for (const role of await ensureProcessLogins(config.databaseOwnerUrl!, config.processDatabaseUrls)) {
    const action = `set ${role === 'azcops_api' ? 'DATABASE_API_URL' : 'DATABASE_WORKER_URL'} for migrate, or CREATE ROLE … LOGIN IN ROLE ${role}`;
    logger.warn({ operation_name: 'migrate', role, action }, `no login is a member of ${role} yet`);
  }
});
