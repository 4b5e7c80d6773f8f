import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationVariables } from '#core/config.js';
import { projectRoot } from './project.js';

const file = join(projectRoot, '.env.example');

/** The environment example: every variable the product reads, its meaning, and its default where it has one. */
function render(): string {
  const head = [
    '# Every variable is optional for `make dev`. Made from libs/core/config.ts: node dist/scripts/check-env-example.js --write',
    '# A value can be read from a file, as containers are handed secrets: DATABASE_URL_FILE=/run/secrets/database-url',
    '',
  ].join('\n');
  // Commented out, so that a copy of this file changes nothing until a line is filled in.
  const entries = configurationVariables.map(
    ({ name, description, default: value = '' }) => `\n# ${description}\n# ${name}=${quoted(value)}\n`,
  );
  return head + entries.join('');
}

function quoted(value: string): string {
  return /[\s#"']/.test(value) ? JSON.stringify(value) : value;
}

if (process.argv.includes('--write')) {
  writeFileSync(file, render());
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== render()) {
  console.error(
    '.env.example differs from the variables in libs/core/config.ts.\nWhat to do: node dist/scripts/check-env-example.js --write',
  );
  process.exitCode = 1;
}
