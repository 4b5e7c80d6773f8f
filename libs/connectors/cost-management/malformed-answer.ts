import { IncompleteReadError } from '#core/errors.js';

/** The error for an answer of Cost Management that cannot be what was asked for; `what` names the first thing wrong. */
export function malformedAnswer(what: string): IncompleteReadError {
  return new IncompleteReadError(
    `The cost answer is not usable: ${what}.`,
    'Nothing is published from it; the window is tried again. If it persists, the raw page shows what Azure sent.',
  );
}
