import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { METRICS_PORTS } from '#core/metrics-server.js';
import { ChildFailure } from './child-process.js';
import { prepareEnvironment, readState, updateState, type Environment } from './environment.js';
import { prepareDemo } from './first-ingestion.js';
import { findFreePort, isPortFree } from './free-port.js';
import { acquireLock, isRunning, processIdentity, resolveDataDir, type ProcessIdentity } from './project.js';
import { request } from './request.js';
import { Service } from './service.js';

const WATCH_MS = 1000;
// A second signal within this time is the echo of the first: terminals and make both deliver it.
const ECHO_MS = 1000;

// In a terminal a line replaces the unfinished line of the progress.
const say = (line: string) => console.log(process.stdout.isTTY ? `\r\x1b[K${line}` : line);
const stopping = new AbortController();
const dataDir = resolveDataDir();
const services: Service[] = [];
let environment: Environment | null = null;
let watching: Promise<void> | undefined;
let exitCode = 0;

/** Starts everything and answers when it is ready to use. */
async function start(): Promise<void> {
  const port = Number(process.env['PORT']?.trim() || 3000);
  const host = process.env['HOST']?.trim() || '127.0.0.1';
  const url = `http://${['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host}:${port}`;
  const lock = await acquireLock(join(dataDir, 'dev.lock'), { wait: false });
  if (lock.holder) {
    const running = readState(dataDir).url ?? url;
    throw new Error(
      `make dev runs already with this data directory (pid ${lock.holder.pid}): ${running}\n` +
        'What to do: use that one, stop it with Ctrl-C, or set AZCOPS_DATA_DIR and PORT for a second one.',
    );
  }
  await stopOrphans();
  if (!(await isPortFree(port, host))) {
    throw new Error(
      `Port ${port} on ${host} is taken by another program.\nWhat to do: stop that program, or choose another port: make dev PORT=3001`,
    );
  }
  updateState(dataDir, { dev: processIdentity(), url });
  say('Starting the database and the sandbox …');
  environment = await prepareEnvironment({ azure: true, supervisor: true, log: say, mirror: say });
  stopping.signal.throwIfAborted();
  const { postgres, sandbox } = environment;
  if (postgres) say(`PostgreSQL: 127.0.0.1:${postgres.port}, data in ${postgres.dataDir}`);
  if (sandbox) say(`Sandbox Azure: ${sandbox.url}, ${sandbox.tenants.length} tenants`);
  say(`Logs: ${join(dataDir, 'logs')}`);

  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const healthUrl = `http://${address.includes(':') ? `[${address}]` : address}:${port}/health/ready`;
  const metrics = await metricsPorts();
  const api = startService('api', ['dist/apps/api/main.js'], metrics.api, (child, metricsUrl) =>
    updateState(dataDir, { api: { ...child, url, metricsUrl } }),
  );
  startService('worker', ['dist/apps/ingestion/main.js', 'worker'], metrics.worker, (child, metricsUrl) =>
    updateState(dataDir, { worker: { ...child, metricsUrl } }),
  );
  const healthy = () =>
    request(healthUrl).then(
      ({ status }) => status === 200,
      () => false,
    );
  await api.waitUntil(healthy, 60_000);
  watching = watchParts(environment);
  if (sandbox) {
    const apiUrl = new URL(healthUrl).origin;
    await prepareDemo({ apiUrl, sandbox, signal: stopping.signal, say }).catch((error: Error) => {
      stopping.signal.throwIfAborted();
      say(`The demo data could not be prepared: ${error.message}`);
    });
  }
  say(`AzCops is ready: ${url}`);
  say(`  API documentation: ${url}/docs`);
  if (sandbox) say('  Token: make token ARGS="--role admin"');
  say('  Ctrl-C stops everything.');
}

function startService(
  name: string,
  [script, ...args]: string[],
  metricsPort: number,
  record: (child: ProcessIdentity, metricsUrl: string) => void,
): Service {
  const service = new Service({
    name,
    script: script!,
    args,
    env: { ...environment!.variables(name === 'api' ? 'api' : 'worker'), METRICS_PORT: String(metricsPort) },
    logFile: join(dataDir, 'logs', `${name}.log`),
    say,
    mirror: say,
    onStart: (child) => record(processIdentity(child.pid), `http://localhost:${metricsPort}/metrics`),
    onHopeless: (code) => {
      exitCode = code;
      stopping.abort();
    },
  });
  services.push(service);
  return service;
}

/** The usual ports of the metrics, or free ones beside another AzCops; a port set by the user is the API's. */
async function metricsPorts(): Promise<{ api: number; worker: number }> {
  const chosen = Number(process.env['METRICS_PORT']?.trim() || 0);
  if (chosen) return { api: chosen, worker: chosen + 1 };
  return { api: await findFreePort(METRICS_PORTS.api), worker: await findFreePort(METRICS_PORTS.ingestion) };
}

/** Ends what a killed `make dev` of this data directory has left running; PostgreSQL is taken over instead. */
async function stopOrphans(): Promise<void> {
  const { api, worker, sandbox } = readState(dataDir);
  const ownerless = sandbox?.startedBy && !isRunning(sandbox.startedBy) && sandbox.pid ? { pid: sandbox.pid } : null;
  const orphans = [worker, api, ownerless].filter((part): part is ProcessIdentity => Boolean(part && isRunning(part)));
  if (orphans.length === 0) return;
  say('Stopping what an interrupted make dev has left …');
  for (const { pid } of orphans) process.kill(pid, 'SIGTERM');
  for (const deadline = Date.now() + 5000; orphans.some(isRunning) && Date.now() < deadline;) await sleep(50);
  for (const orphan of orphans.filter(isRunning)) process.kill(orphan.pid, 'SIGKILL');
}

/** Brings back a database or sandbox that died; the API and the worker connect again by themselves. */
async function watchParts(parts: Environment): Promise<void> {
  const { signal } = stopping;
  for (
    let failures = 0;
    !signal.aborted;
    await sleep(WATCH_MS * 2 ** Math.min(failures, 5), undefined, { signal }).catch(() => {})
  ) {
    try {
      if (parts.postgres && !parts.postgres.isAlive()) {
        say('PostgreSQL ended by itself; starting it again.');
        await parts.restartPostgres();
      }
      if (parts.sandbox && !isRunning({ pid: parts.sandbox.pid })) {
        say('The sandbox ended by itself; starting it again.');
        await parts.restartSandbox();
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      say((error as Error).message);
    }
  }
}

let servicesStopped: Promise<void> | undefined;

/** The worker before the API. */
function stopServices(): Promise<void> {
  servicesStopped ??= (async () => {
    for (const service of services.toReversed()) await service.stop(3000);
  })();
  return servicesStopped;
}

async function stopAll(): Promise<void> {
  await stopServices();
  // A part that is just being brought back must be there to be stopped.
  await watching;
  // The database after those who use it.
  await environment?.stop();
  if (readState(dataDir).dev?.pid === process.pid) updateState(dataDir, { dev: null, api: null, worker: null });
}

function stopOnSignals(): void {
  let firstAt = 0;
  const onSignal = () => {
    if (!firstAt) {
      firstAt = Date.now();
      say('Stopping …');
      stopping.abort();
    } else if (Date.now() - firstAt > ECHO_MS) {
      say('Stopping at once.');
      for (const service of services) service.kill();
      void environment?.stop({ immediate: true }).finally(() => process.exit(130));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // The launcher passes signals on; when it was killed itself, nobody could stop this process from its terminal.
  const launcher = process.env['AZCOPS_LAUNCHED'] ? process.ppid : null;
  if (launcher)
    setInterval(() => process.ppid !== launcher && !stopping.signal.aborted && onSignal(), WATCH_MS).unref();
}

stopOnSignals();
const stopRequested = new Promise<void>((resolve) =>
  stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
);
// A stop during the start ends the services first, so that nothing waits for them in vain.
void stopRequested.then(stopServices);
try {
  await start();
  // Keeps the process alive even if every handle of the parts is unreferenced.
  const alive = setInterval(() => {}, 60_000);
  await stopRequested;
  clearInterval(alive);
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error((error as Error).message);
    exitCode = (error instanceof ChildFailure && error.exitCode) || 1;
  }
}
stopping.abort();
await stopAll().catch((error: Error) => {
  console.error(error.message);
  exitCode ||= 1;
});
process.exit(exitCode);
