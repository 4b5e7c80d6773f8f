import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import pg from 'pg';

/** A charge as the baselines write it. */
export interface BaselineRow {
  dimension: number;
  day: string;
  currency: string;
  cost: string | null;
  amortizedCost: string | null;
}

const CHUNK_ROWS = 2_000;

/**
 * The limit that writing is held against: the same rows, already written as COPY's text, into a narrow table without
 * any index. Answers the seconds, commit included.
 */
export async function rawCopy(
  ownerUrl: string,
  rows: Iterable<BaselineRow>,
): Promise<{ rows: number; seconds: number }> {
  const chunks: Buffer[] = [];
  let lines: string[] = [];
  let count = 0;
  const cut = () => {
    if (lines.length > 0) chunks.push(Buffer.from(lines.join('')));
    lines = [];
  };
  for (const { dimension, day, currency, cost, amortizedCost } of rows) {
    lines.push(`${dimension}\t${day}\t${currency}\t${cost ?? '\\N'}\t${amortizedCost ?? '\\N'}\n`);
    count += 1;
    if (lines.length === CHUNK_ROWS) cut();
  }
  cut();
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`
      DROP TABLE IF EXISTS bench_raw;
      CREATE TABLE bench_raw (dimension_id bigint NOT NULL, day date NOT NULL, currency text NOT NULL,
                              cost numeric, amortized_cost numeric)`);
    const startedAt = performance.now();
    await pipeline(Readable.from(chunks), client.query(copyFrom('COPY bench_raw FROM STDIN')));
    const seconds = (performance.now() - startedAt) / 1_000;
    await client.query('DROP TABLE bench_raw');
    return { rows: count, seconds };
  } finally {
    await client.end();
  }
}
