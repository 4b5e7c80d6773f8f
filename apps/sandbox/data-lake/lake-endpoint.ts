import type { BearerTokens } from '../entra/bearer-tokens.js';
import type { Estate } from '../estate/estate.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { lakeError } from './lake-path.js';
import type { LakeStore, PathStatus } from './lake-store.js';

/** Name of the storage account: the first segment of every path, as in other path-style endpoints. */
export const LAKE_ACCOUNT = 'lake';
const DEFAULT_LIST_ROWS = 5_000;
const FILE_SYSTEM_PATH = new RegExp(`^/${LAKE_ACCOUNT}/(?<fileSystem>[^/]+)/?$`);
const PATH = new RegExp(`^/${LAKE_ACCOUNT}/(?<fileSystem>[^/]+)/(?<name>.+)$`);
/** Storage clients leave the account out of a rename's target. */
const RENAME_TARGET = /^\/(?<fileSystem>[^/]+)\/(?<name>.+)$/;

type Parameters = Readonly<Record<string, string>>;

/** The Data Lake and blob operations of one storage account, on one host as custom endpoints have them. */
export class LakeEndpoint {
  constructor(
    private readonly store: LakeStore,
    private readonly estate: Estate,
    private readonly tokens: BearerTokens,
  ) {}

  get routes(): Route[] {
    const isRename = (request: SandboxRequest): boolean => request.headers['x-ms-rename-source'] !== undefined;
    return [
      this.route('PUT', FILE_SYSTEM_PATH, (request, { fileSystem = '' }) => this.createFileSystem(request, fileSystem)),
      this.route('DELETE', FILE_SYSTEM_PATH, async (_, { fileSystem = '' }) => {
        await this.store.deleteFileSystem(fileSystem);
        return { status: 202 };
      }),
      this.route('GET', FILE_SYSTEM_PATH, (request, { fileSystem = '' }) => this.list(request, fileSystem)),
      this.route('HEAD', FILE_SYSTEM_PATH, (_, { fileSystem = '' }) => this.fileSystemProperties(fileSystem)),
      this.route('PUT', PATH, (request, parameters) => this.rename(request, parameters), isRename),
      this.route('PUT', PATH, (request, parameters) => this.create(request, parameters)),
      this.route('PATCH', PATH, (request, parameters) => this.update(request, parameters)),
      this.route('GET', PATH, (request, parameters) => this.read(request, parameters)),
      this.route('HEAD', PATH, (request, parameters) => this.properties(request, parameters)),
      this.route('DELETE', PATH, async (request, { fileSystem = '', name = '' }) => {
        await this.store.remove(fileSystem, name, request.query.get('recursive') !== 'false');
        return { status: request.query.has('recursive') || request.query.has('paginated') ? 200 : 202 };
      }),
      this.route('PUT', RENAME_TARGET, (request, parameters) => this.rename(request, parameters), isRename),
    ];
  }

  private route(method: string, pattern: RegExp, handle: Route['handle'], when?: Route['when']): Route {
    return {
      service: 'data-lake',
      method,
      pattern,
      when,
      handle: async (request, parameters) => {
        const caller = await this.tokens.requireStorage(request);
        if (caller.tenantId !== this.estate.homeTenant.tenantId) {
          throw lakeError(
            403,
            'AuthorizationPermissionMismatch',
            'This request is not authorized to perform this operation using this permission.',
          );
        }
        try {
          return await handle(request, parameters);
        } catch (error) {
          // An answer to HEAD has no body; its code travels in the header.
          if (method !== 'HEAD' || !(error instanceof ServiceError)) throw error;
          return { ...error.response, body: '' };
        }
      },
    };
  }

  private async fileSystemProperties(fileSystem: string): Promise<SandboxResponse> {
    await this.store.requireFileSystem(fileSystem);
    return { status: 200, headers: { 'x-ms-namespace-enabled': 'true', 'x-ms-has-immutability-policy': 'false' } };
  }

  private async createFileSystem(request: SandboxRequest, fileSystem: string): Promise<SandboxResponse> {
    const isBlobForm = request.query.get('restype') === 'container';
    if (!isBlobForm && request.query.get('resource') !== 'filesystem') throw unsupported(request);
    try {
      await this.store.createFileSystem(fileSystem);
    } catch (error) {
      // The blob form of the operation has its own name for the same conflict.
      if (!isBlobForm || !(error instanceof ServiceError) || error.response.status !== 409) throw error;
      throw lakeError(409, 'ContainerAlreadyExists', 'The specified container already exists.');
    }
    return { status: 201 };
  }

  private async create(request: SandboxRequest, { fileSystem = '', name = '' }: Parameters): Promise<SandboxResponse> {
    const mustBeNew = request.headers['if-none-match'] === '*';
    const resource = request.query.get('resource');
    if (resource === 'directory') return created(await this.store.createDirectory(fileSystem, name, mustBeNew));
    if (resource === 'file') return created(await this.store.putFile(fileSystem, name, Buffer.alloc(0), mustBeNew));
    if (request.headers['x-ms-blob-type'] === 'BlockBlob') {
      const status = await this.store.putFile(fileSystem, name, request.body, mustBeNew, 'BlobAlreadyExists');
      return created(status, { 'x-ms-request-server-encrypted': 'true' });
    }
    throw unsupported(request);
  }

  private async update(request: SandboxRequest, { fileSystem = '', name = '' }: Parameters): Promise<SandboxResponse> {
    const position = Number(request.query.get('position') ?? Number.NaN);
    if (!Number.isInteger(position))
      throw lakeError(
        400,
        'MissingRequiredQueryParameter',
        'A query parameter that is mandatory for this request is not specified.',
      );
    switch (request.query.get('action')) {
      case 'append':
        await this.store.append(fileSystem, name, position, request.body);
        if (request.query.get('flush') !== 'true') return { status: 202 };
        return {
          status: 202,
          headers: pathHeaders(await this.store.flush(fileSystem, name, position + request.body.length)),
        };
      case 'flush':
        return { status: 200, headers: pathHeaders(await this.store.flush(fileSystem, name, position)) };
      default:
        throw unsupported(request);
    }
  }

  private async rename(request: SandboxRequest, { fileSystem = '', name = '' }: Parameters): Promise<SandboxResponse> {
    const source = String(request.headers['x-ms-rename-source']).split('?')[0] ?? '';
    const segments = decodeSource(source)
      .split('/')
      .filter((segment) => segment !== '');
    if (segments[0] === LAKE_ACCOUNT) segments.shift();
    const [sourceFileSystem = '', ...sourceName] = segments;
    const mustBeNew = request.headers['if-none-match'] === '*';
    const status = await this.store.rename(
      { fileSystem: sourceFileSystem, name: sourceName.join('/') },
      fileSystem,
      name,
      mustBeNew,
    );
    return created(status);
  }

  private async read(request: SandboxRequest, { fileSystem = '', name = '' }: Parameters): Promise<SandboxResponse> {
    const status = await this.store.status(fileSystem, name);
    const { isDirectory, length } = status;
    const headers = { ...pathHeaders(status), 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
    const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers['x-ms-range'] ?? request.headers['range'] ?? ''));
    if (isDirectory) return { status: 200, headers };
    if (!range) return { status: 200, headers, body: await this.store.read(fileSystem, name, 0, length) };
    const from = Number(range[1]);
    const to = Math.min(range[2] ? Number(range[2]) : length - 1, length - 1);
    if (from > to)
      throw lakeError(416, 'InvalidRange', 'The range specified is invalid for the current size of the resource.');
    return {
      status: 206,
      headers: { ...headers, 'content-range': `bytes ${from}-${to}/${length}` },
      body: await this.store.read(fileSystem, name, from, to + 1),
    };
  }

  private async properties(_: SandboxRequest, { fileSystem = '', name = '' }: Parameters): Promise<SandboxResponse> {
    const status = await this.store.status(fileSystem, name);
    return {
      status: 200,
      headers: {
        ...pathHeaders(status),
        'content-type': 'application/octet-stream',
        'content-length': String(status.length),
        'x-ms-resource-type': status.isDirectory ? 'directory' : 'file',
        ...(status.isDirectory ? { 'x-ms-meta-hdi_isfolder': 'true' } : {}),
      },
    };
  }

  private async list(request: SandboxRequest, fileSystem: string): Promise<SandboxResponse> {
    if (request.query.get('restype') === 'container' && !request.query.has('comp'))
      return this.fileSystemProperties(fileSystem);
    if (request.query.get('resource') !== 'filesystem') throw unsupported(request);
    const all = await this.store.list(
      fileSystem,
      request.query.get('directory') ?? '',
      request.query.get('recursive') === 'true',
    );
    const after = request.query.get('continuation');
    const last = after ? Buffer.from(after, 'base64').toString('utf8') : '';
    const rest = all.filter(({ name }) => name > last);
    const size = Math.min(
      Number(request.query.get('maxresults') ?? DEFAULT_LIST_ROWS) || DEFAULT_LIST_ROWS,
      DEFAULT_LIST_ROWS,
    );
    const page = rest.slice(0, size);
    const lastName = page.at(-1)?.name;
    const paths = page.map(({ name, isDirectory, length, modifiedAt, etag }) => ({
      name,
      ...(isDirectory ? { isDirectory: 'true' } : {}),
      contentLength: String(length),
      lastModified: modifiedAt.toUTCString(),
      etag: etag.replaceAll('"', ''),
      owner: '$superuser',
      group: '$superuser',
      permissions: isDirectory ? 'rwxr-x---' : 'rw-r-----',
    }));
    if (rest.length === page.length || lastName === undefined) return json(200, { paths });
    return json(200, { paths }, { 'x-ms-continuation': Buffer.from(lastName).toString('base64') });
  }
}

function pathHeaders(status: PathStatus): Record<string, string> {
  return { etag: status.etag, 'last-modified': status.modifiedAt.toUTCString() };
}

function created(status: PathStatus, extra: Record<string, string> = {}): SandboxResponse {
  return { status: 201, headers: { ...pathHeaders(status), ...extra } };
}

function decodeSource(source: string): string {
  try {
    return decodeURIComponent(source);
  } catch {
    throw lakeError(400, 'InvalidRenameSourcePath', 'The source path for a rename operation is invalid.');
  }
}

function unsupported(request: SandboxRequest): Error {
  return lakeError(
    400,
    'UnsupportedQueryParameter',
    `The sandbox's lake does not support ${request.method} with these parameters.`,
  );
}
