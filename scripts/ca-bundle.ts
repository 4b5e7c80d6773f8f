import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from './json-file.js';

/**
 * Writes one file with the certificates that the user trusts already (`NODE_EXTRA_CA_CERTS`) and the sandbox's:
 * Node reads a single file only. A user's file that does not exist is left out, as Node itself does.
 */
export function writeCaBundle(file: string, sandboxCaFile: string, userCaFile?: string): void {
  const parts = [userCaFile, sandboxCaFile]
    .filter((path): path is string => Boolean(path) && path !== file && existsSync(path!))
    .map((path) => readFileSync(path, 'utf8').trim());
  writePrivateFile(file, `${parts.join('\n')}\n`);
}
