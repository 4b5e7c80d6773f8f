import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import pg from 'pg';
import type { BaselineTable } from './tables.js';

const CHUNK_ROWS = 2_000;

/**
 * The limit that writing is held against: the same rows, already written as COPY's text, into a table without any
 * index. Answers the seconds, commit included.
 */
export async function rawCopy<Row>(
  ownerUrl: string,
  { name, columns, line }: Pick<BaselineTable<Row>, 'name' | 'columns' | 'line'>,
  rows: Iterable<Row>,
): Promise<{ rows: number; seconds: number }> {
  const chunks: Buffer[] = [];
  let lines: string[] = [];
  let count = 0;
  const cut = () => {
    if (lines.length > 0) chunks.push(Buffer.from(lines.join('')));
    lines = [];
  };
  for (const row of rows) {
    lines.push(line(row));
    count += 1;
    if (lines.length === CHUNK_ROWS) cut();
  }
  cut();
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} (${columns})`);
    const startedAt = performance.now();
    await pipeline(Readable.from(chunks), client.query(copyFrom(`COPY ${name} FROM STDIN`)));
    const seconds = (performance.now() - startedAt) / 1_000;
    await client.query(`DROP TABLE ${name}`);
    return { rows: count, seconds };
  } finally {
    await client.end();
  }
}
