import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { loadConfig } from '#core/config.js';
import { METRICS_PORTS } from '#core/metrics-server.js';

const TIMEOUT_MS = 4_000;

/**
 * `health [api|worker]`: whether the process of this container works; by default the one that it was started as.
 * Exit code 0 yes, 1 no. Restarting would not help a database that is down, so it is not asked.
 */
export async function checkHealth([name = startedAs(readFileSync('/proc/1/cmdline', 'utf8'))]: string[]): Promise<
  0 | 1
> {
  const { http, metricsPort } = loadConfig();
  const host = http.host === '0.0.0.0' ? '127.0.0.1' : http.host;
  // Commands end by themselves, and how they end tells whether all is well.
  if (name !== 'api' && name !== 'worker') return 0;
  // A worker has nothing to say but metrics, and those ask the database; that it answers at all is enough.
  const [port, path, expected] =
    name === 'api' ? [http.port, '/health/live', 200] : [metricsPort ?? METRICS_PORTS.ingestion, '/', 404];
  const found = await new Promise<string | number>((resolve) => {
    const request = get({ host, port, path, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer after ${TIMEOUT_MS} ms`)));
    request.on('error', ({ message }) => resolve(message));
  });
  if (found === expected) return 0;
  process.stderr.write(`http://${host}:${port}${path}: ${found}\n`);
  return 1;
}

/** What the first process of a container was started as, by its command line: `api`, `worker`, or a command that ends. */
export function startedAs(commandLine: string): string {
  const words = commandLine.split('\0');
  const [command = '', mode] = words.slice(words.findIndex((word) => word.endsWith('azcops/main.js')) + 1);
  return command === 'ingestion' ? mode || 'worker' : command;
}
