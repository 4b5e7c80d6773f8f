import { parseArgs } from 'node:util';
import { type SandboxOptions, startSandbox } from './server.js';

const USAGE = `usage: main.js --data-dir DIR [--hostname localhost] [--port 0] [--admin-port 0] [--identity-port 0]
  [--seed 1] [--tenants 2] [--subscriptions 3] [--subscriptions-page 1000] [--resources 200] [--vms N] [--days 120]
  [--empty-subscriptions 0] [--planted off] [--now ISO] [--latency-ms 0]`;

/** Reads the command line. Throws an `Error` with a one-line message for what it cannot use. */
function readOptions(): SandboxOptions {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      hostname: { type: 'string' },
      port: { type: 'string', default: '0' },
      'admin-port': { type: 'string', default: '0' },
      'identity-port': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      tenants: { type: 'string', default: '2' },
      subscriptions: { type: 'string', default: '3' },
      'subscriptions-page': { type: 'string', default: '1000' },
      resources: { type: 'string', default: '200' },
      vms: { type: 'string' },
      days: { type: 'string', default: '120' },
      'empty-subscriptions': { type: 'string', default: '0' },
      planted: { type: 'string', default: 'off' },
      now: { type: 'string' },
      'latency-ms': { type: 'string', default: '0' },
    },
  });
  const dataDir = values['data-dir'];
  if (!dataDir) throw new Error(`--data-dir is required\n${USAGE}`);
  const now = values.now === undefined ? undefined : new Date(values.now);
  if (now && Number.isNaN(now.getTime())) throw new Error(`--now ${values.now} is not an ISO 8601 instant`);
  return {
    dataDir,
    hostname: values.hostname,
    port: wholeNumber('port', values.port, 0, 65_535),
    adminPort: wholeNumber('admin-port', values['admin-port'], 0, 65_535),
    identityPort: wholeNumber('identity-port', values['identity-port'], 0, 65_535),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1),
    tenants: wholeNumber('tenants', values.tenants, 1, 1_000),
    subscriptions: wholeNumber('subscriptions', values.subscriptions, 1, 20_000),
    subscriptionsPage: wholeNumber('subscriptions-page', values['subscriptions-page'], 1, 20_000),
    resources: wholeNumber('resources', values.resources, 0, 100_000),
    vms: values.vms === undefined ? undefined : wholeNumber('vms', values.vms, 0, 30_000),
    days: wholeNumber('days', values.days, 1, 3_650),
    emptySubscriptions: wholeNumber('empty-subscriptions', values['empty-subscriptions'], 0, 20_000),
    planted: values.planted === 'on',
    now,
    latencyMs: wholeNumber('latency-ms', values['latency-ms'], 0, 60_000),
  };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`--${name} ${text} is not a whole number from ${min} to ${max}`);
}

try {
  const { close, ...description } = await startSandbox(readOptions());
  const stop = (): void => {
    void close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, ...description })}\n`);
} catch (error) {
  process.stderr.write(`sandbox: ${(error as Error).message}\n`);
  process.exit(1);
}
