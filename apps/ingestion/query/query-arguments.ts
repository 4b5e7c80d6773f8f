import { parseArgs } from 'node:util';
import { queriesOf, RESOURCE_GRAPH_QUERIES } from '#connectors/resource-graph/queries/index.js';
import { QUERY_FAMILIES, type QueryFamily, type ResourceGraphQuery } from '#connectors/resource-graph/queries/query.js';

/** What to run, and whose estate to ask. */
export interface QueryRequest {
  queries: readonly ResourceGraphQuery[];
  /** The family asked for; null where a single query was named. */
  family: QueryFamily | null;
  tenant: string;
}

/** A command line that asks Azure nothing: text to print, and the exit code, 64 for one that makes no sense. */
export interface QueryHelp {
  text: string;
  exitCode: 0 | 64;
}

/** Reads `NAME|FAMILY --tenant ID [--list]`; never throws. */
export function readQueryArguments(args: readonly string[]): QueryRequest | QueryHelp {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { tenant: { type: 'string' }, list: { type: 'boolean' } },
    });
  } catch (error) {
    return misuse((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [name, ...more] = positionals;
  if (more.length > 0) return misuse('Name one query or one family.');
  if (values.list) return { text: list(name), exitCode: 0 };
  if (name === undefined) return misuse('Name a query or a family.');
  const queries = named(name);
  if (queries.length === 0) return misuse(`There is no query and no family ${name}.`);
  if (!values.tenant) return misuse('Say whose estate to ask: --tenant ID.');
  return { queries, family: QUERY_FAMILIES.find((family) => family === name) ?? null, tenant: values.tenant };
}

function named(name: string): ResourceGraphQuery[] {
  const family = QUERY_FAMILIES.find((each) => each === name);
  return family ? queriesOf(family) : RESOURCE_GRAPH_QUERIES.filter((query) => query.name === name);
}

/** The library, or the part of it that was named, for people. */
function list(name: string | undefined): string {
  const queries = name === undefined ? RESOURCE_GRAPH_QUERIES : named(name);
  const width = Math.max(0, ...queries.map((query) => query.name.length));
  return queries
    .map((query) => `${query.name.padEnd(width)}  ${query.family.padEnd(11)}  ${query.title}. ${query.finds}`)
    .join('\n');
}

function misuse(problem: string): QueryHelp {
  return {
    text: `${problem}\nUsage: ingestion query NAME|${QUERY_FAMILIES.join('|')} --tenant ID\n       ingestion query --list\n\n${list(undefined)}`,
    exitCode: 64,
  };
}
