import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { z } from 'zod';
import { readBody } from '../http/request-reader.js';
import { AdminError } from './admin-error.js';
import type { AdminRoute } from './admin-route.js';

/** The plain HTTP server that steers the sandbox; it listens on the loopback address only. */
export function createAdminServer(routes: readonly AdminRoute[]): Server {
  return createServer((incoming, outgoing) => {
    answer(routes, incoming, outgoing).catch(() => outgoing.destroy());
  });
}

async function answer(
  routes: readonly AdminRoute[],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  try {
    for (const { method, pattern, handle } of routes) {
      const match = method === incoming.method ? pattern.exec(url.pathname) : null;
      if (!match) continue;
      const result = await handle({
        body: await readJson(incoming),
        query: Object.fromEntries(url.searchParams),
        parameters: { ...match.groups },
      });
      return write(outgoing, 200, result ?? { ok: true });
    }
    throw new AdminError(404, `${incoming.method ?? ''} ${url.pathname} is not an admin command`);
  } catch (error) {
    if (error instanceof z.ZodError) return write(outgoing, 400, { error: z.prettifyError(error) });
    const status = error instanceof AdminError ? error.status : 500;
    write(outgoing, status, { error: (error as Error).message });
  }
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const text = (await readBody(incoming)).toString('utf8');
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw new AdminError(400, 'the body is not JSON');
  }
}

function write(outgoing: ServerResponse, status: number, value: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  outgoing.end(JSON.stringify(value));
}
