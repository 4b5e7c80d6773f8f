import { InvalidInputError, RequestError } from './errors.js';

/** What was refused while the rest was done: one thing that cannot be read, or is not allowed, must not stop all others. */
export class Refusals {
  readonly #messages: string[] = [];

  /**
   * The result of `work`; undefined when it was refused. The refusal begins with `what` was to be done, where its own text
   * does not tell. What is no refusal, as a lost connection, is thrown at once.
   */
  async collect<T>(work: () => Promise<T>, what?: string): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#messages.push(what ? `${what}: ${error.message}` : error.message);
      return undefined;
    }
  }

  /** Throws what was refused, if anything was: several refusals as one, a line each. */
  throwIfAny(): void {
    const messages = this.#messages;
    if (messages.length === 0) return;
    if (messages.length === 1) throw new InvalidInputError(messages[0]!);
    throw new InvalidInputError(
      [`${messages.length} were refused:`, ...messages.map((message) => `- ${message}`)].join('\n'),
    );
  }
}
