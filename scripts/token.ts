import { parseArgs } from 'node:util';
import { readState } from './environment.js';
import { isRunning, resolveDataDir } from './project.js';
import { answersHttp } from './request.js';
import { findSandbox, roles, sandboxToken, type Role } from './sandbox.js';

const usage = `Usage: make token ARGS="--role ${roles.join('|')} [--tenant <azure_tenant_id>]"`;

function parse(): { role: Role; tenant?: string } {
  const { values } = parseArgs({ options: { role: { type: 'string', default: 'admin' }, tenant: { type: 'string' } } });
  if (!roles.includes(values.role as Role)) throw new Error(`--role: must be ${roles.join(', ')}`);
  return { role: values.role as Role, tenant: values.tenant };
}

async function main(): Promise<void> {
  const { role, tenant } = parse();
  const dataDir = resolveDataDir();
  const { dev, url } = readState(dataDir);
  const running = dev && isRunning(dev) && url && (await answersHttp(`${url}/health/live`));
  const sandbox = running ? await findSandbox(dataDir) : null;
  if (!running)
    throw new Error('No make dev runs with this data directory, so nobody would accept a token.\nWhat to do: make dev');
  if (!sandbox)
    throw new Error('make dev runs without the sandbox: get a token from your identity provider (AUTH_ISSUERS).');
  // Nothing else on stdout, so that TOKEN=$(make -s token) works.
  console.log(await sandboxToken(sandbox, role, tenant));
}

await main().catch((error: Error & { code?: string }) => {
  console.error(error.code?.startsWith('ERR_PARSE_ARGS') ? `${error.message}\n${usage}` : error.message);
  process.exitCode = 1;
});
