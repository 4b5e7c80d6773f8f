import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { officialFolder } from '../fidelity/official-data.js';

/** Answers what is wrong with a value; empty when nothing is. */
export type Judge = (value: unknown) => string[];

const folder = officialFolder('schemas');
/** A schema without its draft: what these use means the same in all of them. */
function readSchema(file: string): object {
  const { $schema: _draft, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return schema;
}

/** Kubernetes' extensions write patterns as Go does, where a flag may stand in front. */
const regExp = Object.assign(
  (pattern: string, flags: string) =>
    new RegExp(pattern.replace('(?i)', ''), pattern.includes('(?i)') ? `${flags}i` : flags),
  { code: 'new RegExp' },
);

/** Judges by a JSON schema; `shared` holds the files that schemas refer to, by the name that they use. */
export function judgeBy(file: string, shared: Record<string, string> = {}): Judge {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, code: { regExp } });
  for (const [name, each] of Object.entries(shared)) ajv.addSchema(readSchema(each), name);
  const validate = ajv.compile(readSchema(file));
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Judges by a published schema, e.g. `compose-spec.json`; null where the schemas are not at hand. */
export function officialJudge(file: string): Judge | null {
  return folder === null ? null : judgeBy(join(folder, file));
}

/** Judges Kubernetes objects by the schema of their kind and version; null where the schemas are not at hand. */
export function kubernetesJudge(): Judge | null {
  if (!folder) return null;
  const shared = { '/api/_definitions.json': join(folder, 'kubernetes/_definitions.json') };
  const judges = new Map<string, Judge>();
  return (value) => {
    const { apiVersion, kind } = value as { apiVersion: string; kind: string };
    const [version, group] = apiVersion.split('/').reverse();
    const name = [kind.toLowerCase(), group?.split('.')[0], version].filter(Boolean).join('-');
    let judge = judges.get(name);
    if (!judge) {
      judge = judgeBy(join(folder, 'kubernetes', `${name}.json`), shared);
      judges.set(name, judge);
    }
    return judge(value).map((problem) => `${name} ${problem}`);
  };
}
