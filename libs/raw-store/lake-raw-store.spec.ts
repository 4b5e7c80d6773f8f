import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '#core/clock.js';
import { InvariantError, PermissionError, SourceRejectedError, TransientSourceError } from '#core/errors.js';
import { createRawStore } from './create-raw-store.js';

const PATH = 't/c/2026/04/01/page.json.gz';
const PAGE = Buffer.from('{"cost":1.50E-05,"ä":"ö"}');

/** What goes wrong with the next request of a kind: an answer in its place, none, or a cut before or after the effect. */
type Fault =
  { status: number; code?: string; headers?: Record<string, string> } | 'cut-before' | 'cut-after' | 'silence';

/** The requests of a Data Lake that the store needs, over HTTPS, for one account. */
class FakeLake {
  readonly files = new Map<string, Buffer>();
  readonly log: string[] = [];
  readonly faults = new Map<string, Fault[]>();
  readonly tokens = new Set<string | undefined>();
  filesystemExists = false;

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'https://localhost');
    const path = decodeURIComponent(url.pathname);
    const kind = kindOf(request, url);
    this.log.push(`${kind} ${path}`);
    this.tokens.add(request.headers.authorization);
    const fault = this.faults.get(kind)?.shift();
    if (fault === 'silence') return;
    if (fault === 'cut-before') return void request.socket.destroy();
    if (typeof fault === 'object') return answer(response, fault.status, fault.code, undefined, fault.headers);
    const outcome = this.#apply(kind, path, request, Buffer.concat(chunks));
    if (fault === 'cut-after') return void request.socket.destroy();
    answer(response, outcome.status, outcome.code, outcome.body);
  }

  #apply(
    kind: string,
    path: string,
    request: IncomingMessage,
    body: Buffer,
  ): { status: number; code?: string; body?: Buffer } {
    if (kind === 'filesystem') {
      if (this.filesystemExists) return { status: 409, code: 'ContainerAlreadyExists' };
      this.filesystemExists = true;
      return { status: 201 };
    }
    if (kind === 'create') this.files.set(path, Buffer.alloc(0));
    if (kind === 'append') this.files.set(path, Buffer.concat([this.files.get(path) ?? Buffer.alloc(0), body]));
    if (kind === 'rename') {
      const source = decodeURIComponent(String(request.headers['x-ms-rename-source']));
      const content = this.files.get(source);
      if (!content) return { status: 404, code: 'SourcePathNotFound' };
      if (request.headers['if-none-match'] === '*' && this.files.has(path))
        return { status: 409, code: 'PathAlreadyExists' };
      this.files.delete(source);
      this.files.set(path, content);
    }
    if (kind === 'delete') this.files.delete(path);
    if (kind !== 'read') return { status: { append: 202, create: 201, rename: 201 }[kind] ?? 200 };
    const content = this.files.get(path);
    return content ? { status: 200, body: content } : { status: 404, code: 'BlobNotFound' };
  }
}

function kindOf(request: IncomingMessage, url: URL): string {
  if (url.searchParams.get('restype') === 'container') return 'filesystem';
  if (request.headers['x-ms-rename-source']) return 'rename';
  if (url.searchParams.get('resource') === 'file') return 'create';
  return (
    url.searchParams.get('action') ?? { GET: 'read', HEAD: 'read', DELETE: 'delete' }[request.method ?? ''] ?? 'other'
  );
}

function answer(
  response: ServerResponse,
  status: number,
  code?: string,
  body?: Buffer,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, {
    'content-length': String(body?.length ?? 0),
    etag: '"1"',
    'last-modified': 'Wed, 01 Apr 2026 00:00:00 GMT',
    ...(code && { 'x-ms-error-code': code }),
    ...headers,
  });
  response.end(body);
}

let server: Server;
let lake: FakeLake;
const trusted = getCACertificates('default');

beforeAll(async () => {
  const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  setDefaultCACertificates([...trusted, certificate.cert]);
  server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    void lake.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  setDefaultCACertificates(trusted);
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  lake = new FakeLake();
});

function open(root = 'acc/raw', attemptTimeoutMs?: number) {
  const waits: number[] = [];
  const clock: Clock = { now: () => new Date('2026-04-20T12:00:00Z'), sleep: async (ms) => void waits.push(ms) };
  const { port } = server.address() as AddressInfo;
  const store = createRawStore({
    url: `https://localhost:${port}/${root}`,
    credential: () => ({
      getToken: async (scopes) => ({ token: [scopes].flat().join(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    }),
    clock,
    random: () => 0,
    ...(attemptTimeoutMs && { attemptTimeoutMs }),
  });
  return { store, waits };
}

const fail = (kind: string, ...faults: Fault[]) => lake.faults.set(kind, faults);

describe('LakeRawStore', () => {
  it('writes beside the target, renames, and reads back', async () => {
    const { store } = open();
    const stored = await store.write(PATH, PAGE);
    expect([...lake.files.keys()]).toEqual([`/acc/raw/${PATH}`]);
    expect(gunzipSync(lake.files.get(`/acc/raw/${PATH}`) ?? '')).toEqual(PAGE);
    expect(stored).toMatchObject({
      path: PATH,
      bytes: PAGE.length,
      storedBytes: lake.files.get(`/acc/raw/${PATH}`)?.length,
    });
    expect(Buffer.from((await store.read(PATH))!)).toEqual(PAGE);
    expect(lake.log.map((line) => line.split(' ')[0])).toEqual([
      'filesystem',
      'create',
      'append',
      'flush',
      'rename',
      'read',
      'read',
    ]);
    expect([...lake.tokens]).toEqual(['Bearer https://storage.azure.com/.default']);
  });

  it('keeps to a prefix, and to hosts without an account in the path', async () => {
    await open('acc/raw/some/folder').store.write(PATH, PAGE);
    await open('raw').store.write(PATH, PAGE);
    expect([...lake.files.keys()]).toEqual([`/acc/raw/some/folder/${PATH}`, `/raw/${PATH}`]);
  });

  it('takes the same page twice, never another one, and leaves nothing behind', async () => {
    const { store } = open();
    const first = await store.write(PATH, PAGE);
    expect(await store.write(PATH, PAGE)).toEqual(first);
    await expect(store.write(PATH, Buffer.from('other'))).rejects.toThrow(InvariantError);
    expect(Buffer.from((await store.read(PATH))!)).toEqual(PAGE);
    expect(lake.files.size).toBe(1);
  });

  it('is not misled by a rename whose answer was lost', async () => {
    const { store } = open();
    fail('rename', 'cut-after');
    await store.write(PATH, PAGE);
    expect([...lake.files.keys()]).toEqual([`/acc/raw/${PATH}`]);
  });

  it('begins again under a new name when an upload breaks off', async () => {
    const { store, waits } = open();
    fail('append', 'cut-before', { status: 503, headers: { 'retry-after': '7' } }, { status: 429 });
    fail('delete', { status: 500 });
    await store.write(PATH, PAGE);
    expect(waits).toEqual([1_000, 7_000, 4_000]);
    expect(new Set(lake.log.filter((line) => line.startsWith('create'))).size).toBe(4);
    expect(Buffer.from((await store.read(PATH))!)).toEqual(PAGE);
  });

  it('does not wait for years because an answer says so', async () => {
    const { store, waits } = open();
    fail('append', { status: 503, headers: { 'retry-after': '99999999' } });
    await store.write(PATH, PAGE);
    expect(waits).toEqual([3_600_000]);
  });

  it('does not wait for ever for an answer', async () => {
    const { store, waits } = open('acc/raw', 100);
    fail('flush', 'silence');
    await store.write(PATH, PAGE);
    expect(waits).toEqual([1_000]);
  });

  it('gives up after five attempts, and at once when refused', async () => {
    const busy = open();
    fail('create', ...Array.from({ length: 6 }, (): Fault => ({ status: 500 })));
    await expect(busy.store.write(PATH, PAGE)).rejects.toThrow(TransientSourceError);
    expect(busy.waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    fail(
      'create',
      { status: 403, code: 'AuthorizationPermissionMismatch' },
      { status: 404, code: 'FilesystemNotFound' },
    );
    await expect(busy.store.write(PATH, PAGE)).rejects.toThrow(PermissionError);
    await expect(busy.store.write(PATH, PAGE)).rejects.toThrow(SourceRejectedError);
  });

  it('does without the permission to create the file system, which may exist', async () => {
    const { store } = open();
    fail('filesystem', { status: 403, code: 'AuthorizationPermissionMismatch' });
    await store.write(PATH, PAGE);
    lake.filesystemExists = true;
    await open().store.write(PATH, PAGE);
    expect(lake.files.size).toBe(1);
  });

  it('has no page that was never written', async () => {
    expect(await open().store.read(PATH)).toBeNull();
  });
});
