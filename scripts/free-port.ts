import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Whether a server could listen on this address now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A port on loopback that nobody listens on: `preferred` if it is free, otherwise a random one below the range
 * from which systems take the ports of outgoing connections, so that it is likely to be free the next time as well.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  for (let port = preferred ?? randomInt(20_000, 32_000); ; port = randomInt(20_000, 32_000)) {
    if (await isPortFree(port)) return port;
  }
}
