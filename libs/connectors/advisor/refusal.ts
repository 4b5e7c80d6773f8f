import { PermissionError, SourceRejectedError, UnavailableError, type SourceError } from '#core/errors.js';

/** Whether one of Advisor's two ways is closed, as opposed to trouble that both would meet. */
export function isRefusal(error: unknown): error is SourceError {
  return error instanceof PermissionError || error instanceof UnavailableError || error instanceof SourceRejectedError;
}
