import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a database on which connections can fall silent, as when their server is replaced: no answer, and no end. */
export class SilentWay implements AsyncDisposable {
  private readonly sockets: Socket[] = [];

  private constructor(
    private readonly server: Server,
    /** Connection string of the database at its other end. */
    readonly url: string,
  ) {}

  static async to(databaseUrl: string): Promise<SilentWay> {
    const target = new URL(databaseUrl);
    const server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      way.sockets.push(near, far);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: String(port) }).href;
    const way = new SilentWay(server, url);
    return way;
  }

  /** Nothing of the connections made so far arrives any more; new ones work. */
  fallSilent(): void {
    for (const socket of this.sockets) socket.unpipe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
