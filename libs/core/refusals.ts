import { InvalidInputError, RequestError } from './errors.js';

/** What was refused while the rest was done: one thing that cannot be read, or is not allowed, must not stop all others. */
export class Refusals {
  readonly #errors: RequestError[] = [];

  get isEmpty(): boolean {
    return this.#errors.length === 0;
  }

  /** The result of `work`; undefined when it was refused. What is no refusal, as a lost connection, is thrown at once. */
  async collect<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /** Throws what was refused, if anything was: several refusals as one, a line each. */
  throwIfAny(): void {
    const [first] = this.#errors;
    if (!first) return;
    if (this.#errors.length === 1) throw first;
    throw new InvalidInputError(
      [`${this.#errors.length} were refused:`, ...this.#errors.map(({ message }) => `- ${message}`)].join('\n'),
    );
  }
}
