import type { KqlTable } from './kql-value.js';

const MAX_ANSWERS = 20;
/** Together; the answer being read is kept however long it is. */
const MAX_ROWS = 250_000;

/** Whole answers of recent queries, so that reading all pages evaluates a query once; bounded by what they hold. */
export class AnswerCache {
  /** Least recently read first. */
  private readonly answers = new Map<string, KqlTable>();
  private rows = 0;

  /** The remembered answer, or what `evaluate` makes of the query. */
  get(key: string, evaluate: () => KqlTable): KqlTable {
    const known = this.answers.get(key);
    if (known) {
      this.answers.delete(key);
      this.answers.set(key, known);
      return known;
    }
    const answer = evaluate();
    this.rows += answer.rows.length;
    for (const [old, { rows }] of this.answers) {
      if (this.rows <= MAX_ROWS && this.answers.size < MAX_ANSWERS) break;
      this.answers.delete(old);
      this.rows -= rows.length;
    }
    this.answers.set(key, answer);
    return answer;
  }
}
