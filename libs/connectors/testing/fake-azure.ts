import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';

// oxlint-disable-next-line typescript/no-explicit-any -- specs look into bodies whose shape is what they test
export type LooseJson = any;

/** A request as it left for Azure. */
export interface FakeRequest {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  text: string;
  json: LooseJson;
}

/** What the fake answers; `network` fails instead with that error code, `silent` never answers. */
export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string | Uint8Array;
  /** A body that whoever reads it may use up. */
  bytes?: Buffer;
  network?: string;
  silent?: boolean;
}

export type FakeHandler = (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>;

export const RESOURCE_MANAGER_URL = 'https://management.test:8443';
export const AUTHORITY_HOST = 'https://login.test';

/** Azure in place of the network: Entra ID hands out numbered tokens, everything else goes to the handler. */
export class FakeAzure implements HttpClient {
  /** Requests to Resource Manager, in order. */
  readonly requests: FakeRequest[] = [];
  /** Token requests (not metadata), in order. */
  readonly tokenRequests: FakeRequest[] = [];
  /** Replaces the token endpoint's and metadata's answers. */
  identity: FakeHandler | null = null;

  constructor(public handler: FakeHandler = () => ({ json: {} })) {}

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const text = typeof request.body === 'string' ? request.body : '';
    const seen: FakeRequest = {
      method: request.method,
      url: new URL(request.url),
      headers: request.headers.toJSON(),
      text,
      json: text.startsWith('{') ? JSON.parse(text) : null,
    };
    const answer = await this.#answer(seen);
    const signal = request.abortSignal as AbortSignal | undefined;
    if (answer.silent) await delay(60_000, undefined, { signal, ref: false });
    if (answer.network) throw new RestError(`${answer.network} in the fake`, { code: answer.network, request });
    const body = answer.body ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
    const bytes = answer.bytes ?? Buffer.from(body as string);
    return {
      request,
      status: answer.status ?? 200,
      headers: createHttpHeaders({ 'x-ms-request-id': 'fake-request', ...answer.headers }),
      ...(request.streamResponseStatusCodes
        ? { readableStreamBody: Readable.from([bytes]) }
        : { bodyAsText: bytes.toString('utf8') }),
    };
  }

  async #answer(request: FakeRequest): Promise<FakeAnswer> {
    if (request.url.origin !== AUTHORITY_HOST) {
      this.requests.push(request);
      return this.handler(request);
    }
    const metadata = request.url.pathname.endsWith('/openid-configuration');
    if (!metadata) this.tokenRequests.push(request);
    if (this.identity) return this.identity(request);
    return metadata ? openIdConfiguration(request.url) : issuedToken(this.tokenRequests.length);
  }
}

/** The metadata that the identity library asks for before its first token. */
export function openIdConfiguration(url: URL): FakeAnswer {
  const tenant = url.pathname.split('/')[1];
  return {
    json: {
      token_endpoint: `${AUTHORITY_HOST}/${tenant}/oauth2/v2.0/token`,
      authorization_endpoint: `${AUTHORITY_HOST}/${tenant}/oauth2/v2.0/authorize`,
      issuer: `${AUTHORITY_HOST}/${tenant}/v2.0`,
      jwks_uri: `${AUTHORITY_HOST}/${tenant}/discovery/v2.0/keys`,
    },
  };
}

function issuedToken(number: number): FakeAnswer {
  return { json: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: `token-${number}` } };
}
