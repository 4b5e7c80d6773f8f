import { createServer, type Server } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** A request as it arrived. */
export interface Received {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** As sent, byte for byte. */
  body: string;
  json: any;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** Made JSON unless it is text. */
  body?: unknown;
}

/** What a receiver does with a request; `hang` never answers, `cut` ends the connection. */
export type Behaviour = (request: Received) => Reply | 'hang' | 'cut' | Promise<Reply>;

/** A receiver on this machine that speaks HTTPS, keeps what it got and answers as the test says. */
export class HttpsReceiver {
  readonly received: Received[] = [];
  behaviour: Behaviour = () => ({ status: 200, body: 'ok' });

  private constructor(
    private readonly server: Server,
    /** The authority that its certificate is from. */
    readonly ca: string,
  ) {}

  static async start(): Promise<HttpsReceiver> {
    const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [
        {
          name: 'subjectAltName',
          altNames: ['localhost', 'receiver.example.com'].map((value) => ({ type: 2, value })),
        },
      ],
    } as never);
    const server = createServer({ key: certificate.private, cert: certificate.cert });
    const receiver = new HttpsReceiver(server, certificate.cert);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const received: Received = {
          method: request.method!,
          path: request.url!,
          headers: request.headers,
          body,
          json: body.startsWith('{') ? JSON.parse(body) : null,
        };
        receiver.received.push(received);
        void Promise.resolve(receiver.behaviour(received)).then((reply) => {
          if (reply === 'hang') return;
          if (reply === 'cut') return void request.socket.destroy();
          const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? '');
          response.writeHead(reply.status, reply.headers).end(text);
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** Forgets what it got and answers well again. */
  reset(): void {
    this.received.length = 0;
    this.behaviour = () => ({ status: 200, body: 'ok' });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
