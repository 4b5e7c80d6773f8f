import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { runProcess } from '#core/process.js';
import { migrate } from './migrate.js';

await runProcess(async () => {
  const config = loadConfig(['database-owner']);
  const logger = createLogger({ ...config.log, service: 'migrate' });
  const { applied } = await migrate(config.databaseOwnerUrl!);
  logger.info({ operation_name: 'migrate', applied }, applied.length ? 'database migrated' : 'database is up to date');
});
