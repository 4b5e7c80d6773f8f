import { parseArgs } from 'node:util';

/** Whom to check, and how. */
export interface DoctorRequest {
  /** Our id or Entra's; null for every registered tenant. */
  tenant: string | null;
  /** One JSON document instead of lines for people. */
  json: boolean;
  /** How many subscriptions of a tenant are asked one by one; null for all. */
  subscriptions: number | null;
}

/** A command line that checks nothing: text to print, and the exit code, 64 for one that makes no sense. */
export interface DoctorHelp {
  text: string;
  exitCode: 0 | 64;
}

const DEFAULT_SUBSCRIPTIONS = 3;
const USAGE = `Usage: ingestion doctor [--tenant ID] [--subscriptions N|all] [--json]

Checks configuration, database, raw store and each registered tenant's credential, and asks every data source the
smallest question that proves it readable. Stores nothing but a probe in the raw store.

  --tenant ID           one tenant, by its id or its Azure tenant id
  --subscriptions N|all how many subscriptions are asked one by one where a source is read so; ${DEFAULT_SUBSCRIPTIONS} by default
  --json                one JSON document

Exit code 0: all fine. 2: something is limited, e.g. by a missing role. 1: nothing works, or a credential is refused.`;

/** Reads `[--tenant ID] [--subscriptions N|all] [--json]`; never throws. */
export function readDoctorArguments(args: readonly string[]): DoctorRequest | DoctorHelp {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        tenant: { type: 'string' },
        subscriptions: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return misuse((error as Error).message);
  }
  if (values.help) return { text: USAGE, exitCode: 0 };
  if (values.tenant?.trim() === '') return misuse('--tenant must name a tenant.');
  const { subscriptions = String(DEFAULT_SUBSCRIPTIONS) } = values;
  if (!/^([1-9]\d{0,5}|all)$/.test(subscriptions)) return misuse('--subscriptions must be a number above 0, or all.');
  return {
    tenant: values.tenant ?? null,
    json: values.json ?? false,
    subscriptions: subscriptions === 'all' ? null : Number(subscriptions),
  };
}

function misuse(problem: string): DoctorHelp {
  return { text: `${problem}\n${USAGE}`, exitCode: 64 };
}
