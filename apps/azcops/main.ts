import { constants } from 'node:os';
import { runProcess } from '#core/process.js';
import { checkHealth } from './health.command.js';

const USAGE = `Usage: azcops migrate
       azcops api
       azcops ingestion [worker|full|incremental|import|query|doctor] …
       azcops doctor …
       azcops health [api|worker]`;

/** Less than the thirty seconds after which Docker's or Kubernetes' patience ends. */
const LONGEST_DRAIN_MS = 25_000;

/** The processes of the image. Each is started here, in this process, so that signals reach it without a go-between. */
const processes: Partial<Record<string, string>> = {
  migrate: '../../migrations/main.js',
  api: '../api/main.js',
  ingestion: '../ingestion/main.js',
  doctor: '../ingestion/main.js',
};

const [command = '', ...args] = process.argv.slice(2);
const script = processes[command];
if (command === 'health') {
  await runProcess(async () => void (process.exitCode = await checkHealth(args)));
} else if (script) {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, endInTime);
  process.argv.splice(2, command === 'doctor' ? 0 : 1);
  await import(new URL(script, import.meta.url).href);
} else {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 64;
}

/** As the first process of a container, one that listens to no signal would ignore it and be killed much later. */
function endInTime(signal: 'SIGTERM' | 'SIGINT'): void {
  if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
  setTimeout(() => process.exit(1), LONGEST_DRAIN_MS).unref();
}
