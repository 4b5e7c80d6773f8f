import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

export interface BareStatement {
  sql: string;
  values: readonly unknown[];
}

/**
 * The limit that serving is held against: `node:http` and `pg` with prepared statements on a pool of ten, no token, no
 * validation, no row-level security. Each path answers the rows of its statements as JSON.
 */
export class BareServer {
  private constructor(
    private readonly server: Server,
    private readonly pool: pg.Pool,
    readonly url: string,
  ) {}

  static async start(ownerUrl: string, routes: ReadonlyMap<string, readonly BareStatement[]>): Promise<BareServer> {
    const pool = new pg.Pool({ connectionString: ownerUrl, max: 10 });
    const prepared = new Map(
      [...routes].map(([path, statements], route) => [
        path,
        statements.map(({ sql, values }, index) => ({
          name: `bare_${route}_${index}`,
          text: sql,
          values: values as unknown[],
        })),
      ]),
    );
    const server = createServer((request, response) => {
      const statements = prepared.get(request.url ?? '');
      if (!statements) return void response.writeHead(404).end();
      Promise.all(statements.map((statement) => pool.query<object>(statement))).then(
        (results) => {
          const body = JSON.stringify(results.map(({ rows }) => rows));
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
          response.end(body);
        },
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new BareServer(server, pool, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.pool.end();
  }
}
