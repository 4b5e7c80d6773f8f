import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { officialFolder } from '../fidelity/official-data.js';

const folder = officialFolder('schemas');

/**
 * Judges values by a published JSON schema, e.g. `compose-spec.json`: answers what is wrong, empty when nothing is. Null
 * where the schemas are not at hand.
 */
export function schemaJudge(file: string): ((value: unknown) => string[]) | null {
  if (!folder) return null;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const { $schema: _draft, ...schema } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
    string,
    unknown
  >;
  const validate = ajv.compile(schema);
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
