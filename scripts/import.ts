import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { runIngestionCommand } from './foreground.js';

// `make -C` and `npm run` change the working directory; the user's own is left in these variables.
const folders = [process.cwd(), process.env['INIT_CWD'], process.env['PWD']].filter((folder) => folder !== undefined);

/** The absolute path of a file named relative to where the user stands; anything else stays as it is. */
function locate(argument: string): string {
  if (argument.startsWith('-')) return argument;
  return folders.map((folder) => resolve(folder, argument)).find((path) => existsSync(path)) ?? argument;
}

await runIngestionCommand(['import', ...process.argv.slice(2).map(locate)]);
