import pg, { type Pool, type PoolClient } from 'pg';
import { CONNECT_PATIENCE_MS } from './pool.js';

/** What the driver knows of a connection beyond its declared types. */
type Held = PoolClient & { processID: number; connection: { stream: { destroy(): void } } };

/**
 * The connections of a pool, and which of them lead nowhere. What was sent to a server that is gone without a word is sent
 * again by TCP for a quarter of an hour, and a long statement looks just the same; but a new connection can ask.
 */
export class LostConnections {
  private readonly held = new Set<Held>();

  constructor(private readonly pool: Pool) {
    pool.on('connect', (client) => void this.held.add(client as Held));
    pool.on('remove', (client) => void this.held.delete(client as Held));
  }

  /** Ends those that the server does not know, so that their statements fail; answers how many there were. */
  async end(): Promise<number> {
    const held = [...this.held];
    if (held.length === 0) return 0;
    const known = await this.knownTo(held.map(({ processID }) => processID));
    if (!known) return 0;
    const lost = held.filter(({ processID }) => !known.has(processID));
    for (const { connection } of lost) connection.stream.destroy();
    return lost.length;
  }

  /** Which of these processes the server has; null where a pooler in between gives numbers of its own. */
  private async knownTo(processIds: number[]): Promise<Set<number> | null> {
    const client = new pg.Client({
      connectionString: this.pool.options.connectionString,
      application_name: this.pool.options.application_name,
      connectionTimeoutMillis: CONNECT_PATIENCE_MS,
      query_timeout: CONNECT_PATIENCE_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { processID } = client as pg.Client & { processID: number };
      const { rows } = await client.query<{ pid: number }>(
        'SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1) OR pid = pg_backend_pid()',
        [processIds],
      );
      const known = new Set(rows.map(({ pid }) => pid));
      return known.has(processID) ? known : null;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
