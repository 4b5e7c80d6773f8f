import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { type Sandbox, type SandboxOptions, startSandbox } from '../server.js';

/** An answer of the sandbox with its body as text. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into arbitrary JSON
  json(): any;
}

/** A request with an optional JSON or text body. */
export interface Call {
  readonly headers?: Record<string, string>;
  readonly body?: object | string;
}

/** A sandbox in a folder of its own, with a client that trusts its authority. */
export class SandboxClient {
  private constructor(
    readonly sandbox: Sandbox,
    readonly dataDir: string,
    readonly ca: string,
    private readonly agent: Agent,
    private readonly ownsFolder: boolean,
  ) {}

  /** Starts a small sandbox at a standing estate clock, in a new folder unless one is given. */
  static async start(options: Partial<SandboxOptions> = {}): Promise<SandboxClient> {
    const dataDir = options.dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'sandbox-')));
    const sandbox = await startSandbox({
      resources: 40,
      subscriptions: 2,
      days: 60,
      now: new Date('2026-03-20T10:00:00Z'),
      ...options,
      dataDir,
    });
    const ca = await readFile(sandbox.caFile, 'utf8');
    return new SandboxClient(sandbox, dataDir, ca, new Agent({ ca, keepAlive: true }), options.dataDir === undefined);
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.sandbox.close();
    if (this.ownsFolder) await rm(this.dataDir, { recursive: true });
  }

  /** Calls the sandbox's HTTPS port; `target` is a path or a whole URL. */
  call(method: string, target: string, { headers = {}, body }: Call = {}): Promise<Answer> {
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
    return new Promise((resolve, reject) => {
      const url = target.startsWith('https:') ? target : `${this.sandbox.url}${target}`;
      const outgoing = request(url, { method, agent: this.agent, headers: { ...type, ...headers } }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: () => JSON.parse(text) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(content);
    });
  }

  /** Calls the token endpoint with the form fields of a grant. */
  token(tenantId: string, fields: Record<string, string>): Promise<Answer> {
    return this.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Authorization of the application in a tenant for a scope. */
  async authorize(
    tenantId = this.sandbox.homeTenantId,
    scope = 'https://management.azure.com/.default',
  ): Promise<Record<string, string>> {
    const { clientId, clientSecret } = this.sandbox.application;
    const answer = await this.token(tenantId, {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    });
    return { authorization: `Bearer ${answer.json().access_token}` };
  }

  /** Runs an admin command and returns its JSON answer. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into arbitrary JSON
  async admin(method: string, target: string, body?: object): Promise<any> {
    const response = await fetch(`${this.sandbox.adminUrl}${target}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The id of a subscription of the home tenant, or of the second tenant. */
  subscription(index: number, tenant = 0): string {
    return this.sandbox.tenants[tenant]?.subscriptions[index]?.subscriptionId ?? '';
  }
}
