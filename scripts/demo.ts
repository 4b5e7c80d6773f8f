import { join } from 'node:path';
import { prepareDemo } from './first-ingestion.js';
import { readJsonFile } from './json-file.js';
import { resolveDataDir } from './project.js';
import { roles, sandboxToken, type Role, type Sandbox } from './sandbox.js';

const usage = `Usage: demo.js prepare API_URL
       demo.js token [${roles.join('|')}]`;

/** Beside the sandbox of docker-compose.yml: registers its tenants and reads them once, or prints an access token. */
async function main([command, argument]: string[]): Promise<void> {
  const sandbox = readJsonFile<Sandbox>(join(resolveDataDir(), 'sandbox', 'sandbox.json'));
  if (!sandbox) throw new Error(`There is no sandbox in ${resolveDataDir()}.`);
  if (command === 'prepare' && argument) {
    await prepareDemo({ apiUrl: argument, sandbox, signal: new AbortController().signal, say: console.log });
  } else if (command === 'token' && roles.includes((argument ?? 'admin') as Role)) {
    console.log(await sandboxToken(sandbox, (argument ?? 'admin') as Role));
  } else throw new Error(usage);
}

await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
