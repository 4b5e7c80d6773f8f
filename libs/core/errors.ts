/**
 * Errors named by what their reader must do, not by where they arose.
 * Catchers decide on the class; nobody inspects message text.
 */

/** One field that the caller must correct. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** What the caller of the API did wrong, or may not do; carries the HTTP status and a stable machine code. */
export abstract class RequestError extends Error {
  abstract readonly status: number;
  abstract readonly code: string;
  constructor(
    detail: string,
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(detail);
    this.name = new.target.name;
  }
}

export class InvalidInputError extends RequestError {
  readonly status = 400;
  readonly code = 'invalid_input';
}

export class UnauthenticatedError extends RequestError {
  readonly status = 401;
  readonly code = 'unauthenticated';
}

export class ForbiddenError extends RequestError {
  readonly status = 403;
  readonly code = 'forbidden';
}

export class NotFoundError extends RequestError {
  readonly status = 404;
  readonly code = 'not_found';
}

export class ConflictError extends RequestError {
  readonly status = 409;
  readonly code = 'conflict';
}

/** What the answer rests on does not answer, or is taken; the caller may try again. */
export class OverloadedError extends RequestError {
  readonly status = 503;
  readonly code = 'overloaded';
}

/** Whoever asked has hung up: nobody gets this answer, and it is nobody's failure. The status is the one that proxies log. */
export class HungUpError extends RequestError {
  readonly status = 499;
  readonly code = 'hung_up';
  constructor() {
    super('Nobody waits for the answer any more.');
  }
}

/** The environment is wrong: the process must not start. Lists every problem at once; exit code 78 (EX_CONFIG). */
export class ConfigurationError extends Error {
  static readonly exitCode = 78;
  constructor(readonly problems: readonly string[]) {
    super(`Configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/** What a data source (Azure, a file, the database) refused or could not do. `action` tells an admin what to do about it. */
export abstract class SourceError extends Error {
  constructor(
    message: string,
    readonly action: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The credential itself is refused: expired secret, unknown application, wrong tenant. */
export class CredentialError extends SourceError {}

/** The credential is good but lacks a role; `missingRole` names the Azure role to grant. */
export class PermissionError extends SourceError {
  constructor(
    message: string,
    readonly missingRole: string,
    readonly scope: string,
    options?: ErrorOptions,
  ) {
    super(message, `Grant the role "${missingRole}" on ${scope} to the application that AzCops uses.`, options);
  }
}

/** The source asks for a longer wait than is sensible to sit out: come back after `retryAfterMs`. */
export class ThrottledError extends SourceError {
  constructor(
    message: string,
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, 'Nothing to do: the window goes on when the quota of the source allows it.', options);
  }
}

/** Network trouble or a server error that outlasted all attempts; trying the window again later may work. */
export class TransientSourceError extends SourceError {
  constructor(message: string, options?: ErrorOptions) {
    super(
      message,
      'Nothing to do at once: the window is tried again. If it persists, check the network path.',
      options,
    );
  }
}

/** The source understood and refused the request: trying the same again is pointless. */
export class SourceRejectedError extends SourceError {}

/** The source cannot serve this scope, for a stated reason. The window ends `unavailable`, not failed. */
export class UnavailableError extends SourceError {
  /** False where the reason may go away any time: a setting that people change, a subscription that is still new. */
  readonly lasting: boolean;
  constructor(
    message: string,
    action: string,
    { lasting = true, ...options }: ErrorOptions & { lasting?: boolean } = {},
  ) {
    super(message, action, options);
    this.lasting = lasting;
  }
}

/** The source answered, but the answer contradicts itself or what was asked; publishing it would show a part as a whole. */
export class IncompleteReadError extends SourceError {}

/** What was received cannot be kept: the disk is full, the folder read-only, missing or somebody else's. */
export class StorageError extends SourceError {}

/** The database does not answer, or lets nobody in: a process cannot start before somebody has seen to that. */
export class DatabaseUnreachableError extends SourceError {}

/** Our own bug: a state that cannot be. */
export class InvariantError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvariantError';
  }
}
