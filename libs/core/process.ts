import { ConfigurationError, SourceError, TransientSourceError } from './errors.js';

/**
 * Runs a process's main function: a configuration error ends it with exit code 78 and one readable message,
 * any other failure with 1 and a single line; stack traces are for `LOG_LEVEL=debug`.
 */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(ConfigurationError.exitCode);
    }
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

/** What went wrong, and what whoever started the process can do about it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isTheirs = error instanceof SourceError && !(error instanceof TransientSourceError);
  return isTheirs ? `${error.message} ${error.action}` : error.message;
}
