import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../scripts/project.js';

/** Where the descriptions and examples of others lie, when somebody put them next to this project. */
const ROOT = process.env['AZCOPS_OFFICIAL_DATA'] ?? path.resolve(projectRoot, '../shared/data');

/** The folder of Microsoft's specifications or examples, or of file formats' schemas; null, with a line saying so. */
export function officialFolder(name: 'azure-specs' | 'azure-examples' | 'schemas'): string | null {
  const folder = path.join(ROOT, name);
  if (existsSync(folder)) return folder;
  process.stdout.write(`fidelity: ${folder} is absent, so nothing is compared with the official ${name}\n`);
  return null;
}

/** One official example: what is sent, and what is answered per status. */
export interface OfficialExample {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly responses: Readonly<Record<string, { readonly body?: unknown }>>;
}

/** Reads an example of the examples folder. */
export function officialExample(folder: string, file: string): OfficialExample {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as OfficialExample;
}
