import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RequestListener } from 'node:http';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_HOST, FakeAzure } from '../testing/fake-azure.js';
import { apiOver, TENANT } from '../testing/read-harness.js';
import type { AzureApiOptions } from './azure-api.js';

let server: Server;
let ca: string;
let listener: RequestListener;

beforeAll(async () => {
  const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  ca = certificate.cert;
  server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function send(trusted = true, changes: Partial<AzureApiOptions> = {}) {
  const identity = new FakeAzure();
  const wire = createDefaultHttpClient();
  const tlsSettings = { ca };
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      if (new URL(request.url).origin === AUTHORITY_HOST) return identity.sendRequest(request);
      if (trusted) request.tlsSettings = tlsSettings;
      return wire.sendRequest(request);
    },
  };
  const { port } = server.address() as AddressInfo;
  const api = apiOver(identity, { httpClient, resourceManagerUrl: `https://localhost:${port}`, ...changes });
  return api.forTenant(TENANT).send({
    method: 'POST',
    target: '/x',
    body: { question: 1 },
    parse: () => null,
    connector: 'test',
    quota: { service: 'resource-manager', scope: 'tenant' },
    need: { role: 'Reader', scope: 'x' },
    signal: new AbortController().signal,
  });
}

describe('over real connections', () => {
  const whole = '{"answer":"'.padEnd(20_000, 'äöü') + '"}';

  it('reads a gzipped answer, having sent the body and asked for gzip', async () => {
    let asked = '';
    listener = (request, response) => {
      asked = `${request.headers['accept-encoding']} ${request.headers['content-length']}`;
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(whole));
    };
    const answer = await send();
    expect(Buffer.from(answer.body).toString()).toBe(whole);
    expect(asked.toLowerCase()).toBe('gzip 14');
  });

  it.each([
    ['with a length', { 'content-length': '50000' }, (text: string) => Buffer.from(text)],
    ['in chunks', {}, (text: string) => Buffer.from(text)],
    ['gzipped', { 'content-encoding': 'gzip' }, (text: string) => gzipSync(text).subarray(0, 60)],
  ])('tries again when a body %s is cut off', async (_name, headers, part) => {
    let requests = 0;
    listener = (_request, response) => {
      requests += 1;
      if (requests > 1) return response.end('{"ok":true}');
      response.writeHead(200, headers);
      response.write(part(whole), () => setTimeout(() => response.socket?.destroy(), 10));
      return response;
    };
    expect(Buffer.from((await send()).body).toString()).toBe('{"ok":true}');
    expect(requests).toBe(2);
  });

  it('tries again when a body stops coming', async () => {
    let requests = 0;
    listener = (_request, response) => {
      requests += 1;
      if (requests > 1) response.end('{"ok":true}');
      else response.writeHead(200).write('{"ok"');
    };
    await send(true, { requestTimeoutMs: 100 });
    expect(requests).toBe(2);
  });

  it('explains a certificate that is not trusted', async () => {
    await expect(send(false)).rejects.toMatchObject({ name: 'SourceRejectedError', action: /NODE_EXTRA_CA_CERTS/ });
  });
});
