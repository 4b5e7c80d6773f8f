import { randomUUID } from 'node:crypto';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { generate } from 'selfsigned';

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

export interface TokenOptions {
  /** The key that signs; the issuer's first one when absent. */
  key?: SigningKey;
  issuer?: string;
  audience?: string;
  tid?: string | null;
  roles?: unknown;
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** Seconds from now. */
  expiresIn?: number;
  notBefore?: number;
}

export const AUDIENCE = 'api://azcops';

export async function newSigningKey(
  kid: string = randomUUID(),
  extra: Record<string, unknown> = {},
): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig', ...extra } };
}

/** One issuer of a `TestIdentityServer`: what it publishes can be changed and switched off. */
export class TestIssuer {
  keys: SigningKey[] = [];
  /** How often the key set was asked for. */
  keySetRequests = 0;
  discovery: 'up' | 'down' | 'wrong' = 'up';
  keySet: 'up' | 'down' | 'error' | 'wrong' = 'up';

  constructor(
    /** May hold `{tenantid}`. */
    readonly issuer: string,
    readonly jwksUrl: string,
  ) {}

  /** A good token of a reader unless `options` say otherwise. */
  async sign(options: TokenOptions = {}): Promise<string> {
    const key = options.key ?? this.keys[0]!;
    const now = Math.floor(Date.now() / 1000);
    const tid = options.tid === undefined ? randomUUID() : options.tid;
    const claims = {
      iss: options.issuer ?? this.issuer.replace('{tenantid}', String(tid)),
      aud: options.audience ?? AUDIENCE,
      exp: now + (options.expiresIn ?? 600),
      nbf: now + (options.notBefore ?? -10),
      oid: 'principal-1',
      name: 'Petra Prüfer',
      ...(tid === null ? {} : { tid }),
      roles: options.roles ?? ['AzCops.Reader'],
      ...options.claims,
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT', ...options.header })
      .sign(key.privateKey);
  }
}

/** An HTTPS server with any number of token issuers under a certificate that only `fetch` trusts. */
export class TestIdentityServer {
  private readonly issuers = new Map<string, TestIssuer>();

  private constructor(
    private readonly server: Server,
    private readonly certificate: string,
    readonly origin: string,
  ) {}

  static async start(): Promise<TestIdentityServer> {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const server = createServer({ key: made.private, cert: made.cert });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const identity = new TestIdentityServer(server, made.cert, origin);
    server.on('request', (incoming, answer) => {
      const [, name = '', ...rest] = incoming.url!.split('/');
      const issuer = identity.issuers.get(name);
      const what = rest.at(-1) === 'keys' ? 'keySet' : 'discovery';
      if (!issuer) return void answer.writeHead(404).end();
      if (what === 'keySet') issuer.keySetRequests += 1;
      if (issuer[what] === 'down') return void incoming.socket.destroy();
      if (issuer[what] === 'error') return void answer.writeHead(500).end('no');
      const good = what === 'keySet' ? { keys: issuer.keys.map(({ jwk }) => jwk) } : { jwks_uri: issuer.jwksUrl };
      answer.setHeader('Content-Type', 'application/json');
      answer.end(JSON.stringify(issuer[what] === 'wrong' ? { nothing: true } : good));
    });
    return identity;
  }

  /** Adds an issuer with one key. `path` begins with a segment of its own and may hold `{tenantid}`. */
  async addIssuer(path: string): Promise<TestIssuer> {
    const name = path.split('/')[0]!;
    const issuer = new TestIssuer(`${this.origin}/${path}`, `${this.origin}/${name}/keys`);
    issuer.keys = [await newSigningKey()];
    this.issuers.set(name, issuer);
    return issuer;
  }

  /** `fetch` that trusts this server's certificate and nothing else; fails as the global one does. */
  readonly fetch = (url: string, init: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(init.signal?.aborted ? (init.signal.reason as Error) : new TypeError('fetch failed', { cause }));
      const sent = request(url, { ca: this.certificate, agent: false, signal: init.signal ?? undefined }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', fail);
        answer.on('end', () => resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode! })));
      });
      sent.on('error', fail).end();
    });

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
