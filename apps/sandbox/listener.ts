import type { AddressInfo, Server } from 'node:net';

/** Loopback only, unless a name for others is given: the sandbox hands out tokens to everyone who asks. */
export const HOST = '127.0.0.1';

/** Starts listening and returns the port. Throws a readable error when the port is taken. */
export function listen(server: Server, port: number, host = HOST): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is already in use`) : error);
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Stops a server at once, open connections included. */
export function stop(server: Server & { closeAllConnections(): void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
