import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { runProcess } from '#core/process.js';
import { runImport } from './import/import.command.js';
import { runOnce } from './one-shot/one-shot.command.js';
import { readQueryArguments } from './query/query-arguments.js';
import { runQuery } from './query/query.command.js';
import { runWorker } from './worker/worker.command.js';

const USAGE = `Usage: ingestion [worker]
       ingestion full|incremental [--tenant ID] [--subscription ID]… [--connector NAME]… [--from DAY --to DAY]
       ingestion import FILE… --tenant ID [--kind actual|amortized] [--replace]
       ingestion query NAME|waste|rightsizing|inventory|governance --tenant ID [--list]`;

await runProcess(async () => {
  const [command = 'worker', ...args] = process.argv.slice(2);
  if (!['worker', 'full', 'incremental', 'import', 'query'].includes(command)) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(64);
  }
  const query = command === 'query' ? readQueryArguments(args) : null;
  if (query && 'exitCode' in query) {
    (query.exitCode === 0 ? process.stdout : process.stderr).write(`${query.text}\n`);
    process.exitCode = query.exitCode;
    return;
  }
  const config = loadConfig(['database']);
  // What a query prints on stdout is data.
  const logger = createLogger({ ...config.log, service: 'ingestion' }, query ? process.stderr : undefined);
  // On a terminal the progress bar speaks; log lines between its steps would tear it. A query's summary says it all.
  const isQuiet = query !== null || (command !== 'worker' && process.stderr.isTTY);
  if (isQuiet && config.log.level === 'info') logger.level = 'warn';
  if (command === 'worker') await runWorker(config, logger);
  else if (command === 'import') process.exitCode = await runImport(args, config, logger);
  else if (query) process.exitCode = await runQuery(query, config, logger);
  else process.exitCode = await runOnce(command as 'full' | 'incremental', args, config, logger);
});
