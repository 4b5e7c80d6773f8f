import type { WriteStream } from 'node:tty';
import type { RunRow } from '#db/repositories/ingestion-run.repository.js';

const BAR_WIDTH = 30;

/** A run's progress: one moving line on a terminal, a line per change otherwise. */
export class Progress {
  private last = '';

  constructor(private readonly output: WriteStream | NodeJS.WriteStream) {}

  show(run: RunRow): void {
    const { windows_done: done, windows_total: total } = run;
    const counted = total === null ? `${done} windows, still planning` : `${done}/${total} windows`;
    const waiting = run.waiting ? ` (${run.waiting.windows} waiting: ${run.waiting.reason})` : '';
    const line = `${run.status}: ${counted}, ${run.rows} rows${waiting}`;
    if (line === this.last) return;
    this.last = line;
    if (!this.output.isTTY) {
      this.output.write(`${line}\n`);
      return;
    }
    const filled = total ? Math.round((done / total) * BAR_WIDTH) : 0;
    this.output.write(`\r\u001b[K[${'█'.repeat(filled)}${'·'.repeat(BAR_WIDTH - filled)}] ${line}`);
  }

  end(): void {
    if (this.output.isTTY) this.output.write('\n');
  }
}
