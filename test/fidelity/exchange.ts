import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { SandboxClient } from '../../apps/sandbox/testing/sandbox-client.js';

/** A request and its answer, as both went over the wire. */
export interface Exchange {
  /** Who asked: a connector, or this test itself. */
  readonly by: string;
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string;
}

const IS_SIGN_IN = /\/(oauth2|\.well-known)\//;

/** The network, trusting the sandbox's authority and noting what passes; sign-in is left out. */
export class RecordingHttpClient implements HttpClient {
  readonly exchanges: Exchange[] = [];
  by = 'unnamed';
  private readonly wire = createDefaultHttpClient();
  private readonly tlsSettings: { ca: string };

  constructor(ca: string) {
    this.tlsSettings = { ca };
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    request.tlsSettings = this.tlsSettings;
    const response = await this.wire.sendRequest(request);
    if (IS_SIGN_IN.test(request.url)) return response;
    const stream = response.readableStreamBody;
    const body = stream ? await buffer(stream as Readable) : Buffer.from(response.bodyAsText ?? '');
    this.exchanges.push({
      by: this.by,
      method: request.method,
      url: request.url,
      requestHeaders: request.headers.toJSON(),
      requestBody: typeof request.body === 'string' ? request.body : '',
      status: response.status,
      responseHeaders: response.headers.toJSON(),
      responseBody: body.toString('utf8'),
    });
    return stream ? { ...response, readableStreamBody: Readable.from([body]) } : response;
  }
}

/** Asks by hand, for what no connector asks. */
export async function exchangeByHand(
  client: SandboxClient,
  method: string,
  target: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: object } = {},
): Promise<Exchange> {
  const requestHeaders = { ...(await client.authorize()), ...headers };
  const answer = await client.call(method, target, { headers: requestHeaders, body });
  return {
    by: 'hand',
    method,
    url: `${client.sandbox.url}${target}`,
    requestHeaders: { ...requestHeaders, ...(body && { 'content-type': 'application/json' }) },
    requestBody: body === undefined ? '' : JSON.stringify(body),
    status: answer.status,
    responseHeaders: Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    responseBody: answer.text,
  };
}
