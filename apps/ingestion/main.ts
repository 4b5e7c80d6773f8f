import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { runProcess } from '#core/process.js';
import { startTracing, stopTracing } from '#core/tracing.js';
import { readDoctorArguments } from './doctor/doctor-arguments.js';
import { readQueryArguments } from './query/query-arguments.js';

const USAGE = `Usage: ingestion [worker]
       ingestion full|incremental [--tenant ID] [--subscription ID]… [--connector NAME]… [--from DAY --to DAY]
       ingestion import FILE… --tenant ID [--kind actual|amortized] [--replace]
       ingestion import FOLDER|URL… --tenant ID [--replace]
       ingestion query NAME|waste|rightsizing|inventory|governance --tenant ID [--list]
       ingestion doctor [--tenant ID] [--subscriptions N|all] [--json]`;

await runProcess(async () => {
  const [command = 'worker', ...args] = process.argv.slice(2);
  if (!['worker', 'full', 'incremental', 'import', 'query', 'doctor'].includes(command)) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(64);
  }
  const query = command === 'query' ? readQueryArguments(args) : null;
  if (query && 'exitCode' in query) return help(query);
  const doctor = command === 'doctor' ? readDoctorArguments(args) : null;
  if (doctor && 'exitCode' in doctor) return help(doctor);
  const config = loadConfig(['database']);
  // What a query or the doctor prints on stdout is data.
  const logger = createLogger({ ...config.log, service: 'ingestion' }, query || doctor ? process.stderr : undefined);
  // On a terminal the progress bar speaks; log lines between its steps would tear it. A query's summary says it all.
  const isQuiet = query !== null || (command !== 'worker' && process.stderr.isTTY);
  if (isQuiet && config.log.level === 'info') logger.level = 'warn';
  // Refusals are what the doctor is there to tell.
  if (doctor && config.log.level === 'info') logger.level = 'error';
  if (config.tracing) await startTracing('azcops-ingestion', config.tracing);
  // Modules of the other commands stay unloaded: all of them together take half a second.
  if (command === 'worker') {
    const { runWorker } = await import('./worker/worker.command.js');
    await runWorker(config, logger);
  } else if (command === 'import') {
    const { runImport } = await import('./import/import.command.js');
    process.exitCode = await runImport(args, config, logger);
  } else if (doctor) {
    const { runDoctor } = await import('./doctor/doctor.command.js');
    process.exitCode = await runDoctor(doctor, config, logger);
  } else if (query) {
    const { runQuery } = await import('./query/query.command.js');
    process.exitCode = await runQuery(query, config, logger);
  } else {
    const { runOnce } = await import('./one-shot/one-shot.command.js');
    process.exitCode = await runOnce(command as 'full' | 'incremental', args, config, logger);
  }
  await stopTracing();
});

/** Prints what a command line asked for, or got wrong. */
function help({ text, exitCode }: { text: string; exitCode: 0 | 64 }): void {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exitCode = exitCode;
}
