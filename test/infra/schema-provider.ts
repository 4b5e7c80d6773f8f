import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { configuredArguments, withComputed } from './configured.js';
import { decodeMessagePack, encodeMessagePack, UNKNOWN, type Value } from './message-pack.js';
import { encodeMessage, fieldOf } from './protobuf.js';
import type { AttributeType, Block, ProviderSchema } from './provider-schema.js';

const UNIMPLEMENTED = '12';
const ERROR = 1;
const LEGACY_TYPE_SYSTEM = 5;
const NESTING_MODES = { single: 1, list: 2, set: 3 };

/** What Terraform asked the provider to validate. */
export interface Validated {
  type: string;
  /** Arguments that are set, those of nested blocks included. */
  arguments: number;
}

/** What data sources answer wherever there is something to know, and what ephemeral resources do. */
export const ANSWER = 'a45e7e00-0000-4000-8000-000000000000';
export const SECRET = 'NobodyMayEverReadThisInAPlan';

/**
 * A Terraform provider that knows schemas and nothing else: enough for `terraform validate` and `terraform plan`, and
 * for `terraform test` with `mock_provider`. It speaks plugin protocol 5 (gRPC over HTTP/2 without TLS) to a Terraform that is told to
 * attach to it, so that nothing has to be downloaded.
 */
export class SchemaProvider {
  readonly validated: Validated[] = [];

  private constructor(
    private readonly server: Http2Server,
    private readonly schema: ProviderSchema,
  ) {}

  static async start(schema: ProviderSchema): Promise<SchemaProvider> {
    const server = createServer();
    const provider = new SchemaProvider(server, schema);
    server.on('stream', (stream, headers) => provider.answer(stream, String(headers[':path'])));
    // Terraform opens and drops a connection to see whether anybody is there.
    server.on('sessionError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  /** How `TF_REATTACH_PROVIDERS` names it. */
  get attachment(): object {
    const { port } = this.server.address() as AddressInfo;
    const address = { Network: 'tcp', String: `127.0.0.1:${port}` };
    return { Protocol: 'grpc', ProtocolVersion: 5, Pid: process.pid, Test: true, Addr: address };
  }

  stop(): void {
    this.server.close();
  }

  private answer(stream: ServerHttp2Stream, path: string): void {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      // Terraform's side channels, which it gives up when it is done.
      if (stream.destroyed) return;
      const answer = this.call(path.split('/').at(-1)!, Buffer.concat(chunks).subarray(5));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': answer ? '0' : UNIMPLEMENTED }));
      stream.end(answer && frame(answer));
    });
  }

  private call(method: string, request: Buffer): Buffer | null {
    switch (method) {
      case 'GetSchema':
        return encodeSchema(this.schema);
      case 'PrepareProviderConfig':
        return encodeMessage([[1, fieldOf(request, 1)]]);
      case 'ValidateResourceTypeConfig':
        return this.validate(this.schema.resource_schemas, request);
      case 'ValidateDataSourceConfig':
        return this.validate(this.schema.data_source_schemas, request);
      case 'ValidateEphemeralResourceConfig':
        return this.validate(this.schema.ephemeral_resource_schemas, request);
      case 'PlanResourceChange':
        return encodeMessage([
          [1, this.answered(this.schema.resource_schemas, request, 3, () => UNKNOWN)],
          [LEGACY_TYPE_SYSTEM, true],
        ]);
      case 'ReadDataSource':
        return encodeMessage([[1, this.answered(this.schema.data_source_schemas, request, 2, known(ANSWER))]]);
      case 'OpenEphemeralResource':
        return encodeMessage([[3, this.answered(this.schema.ephemeral_resource_schemas, request, 2, known(SECRET))]]);
      case 'Configure':
      case 'CloseEphemeralResource':
      case 'Stop':
        return Buffer.alloc(0);
      default:
        return null;
    }
  }

  /** Terraform itself has checked names, types and numbers; what only Azure sets is left to the provider. */
  private validate(schemas: ProviderSchema['resource_schemas'], request: Buffer): Buffer {
    const type = fieldOf(request, 1).toString();
    const set = [...configuredArguments(schemas[type]!.block, decodeMessagePack(fieldOf(fieldOf(request, 2), 1)))];
    this.validated.push({ type, arguments: set.length });
    return encodeMessage(
      set
        .filter(({ readOnly }) => readOnly)
        .map(({ path }) => [
          1,
          encodeMessage([
            [1, ERROR],
            [2, 'Value for a read-only attribute'],
            [3, path],
          ]),
        ]),
    );
  }

  /** The value of a request's field with everything filled in that the provider sets, as a dynamic value. */
  private answered(
    schemas: ProviderSchema['resource_schemas'],
    request: Buffer,
    field: number,
    fill: (type: AttributeType) => Value,
  ): Buffer {
    const { block } = schemas[fieldOf(request, 1).toString()]!;
    const value = decodeMessagePack(fieldOf(fieldOf(request, field), 1));
    return encodeMessage([[1, encodeMessagePack(withComputed(block, value, fill))]]);
  }
}

const known =
  (text: string) =>
  (type: AttributeType): Value =>
    type === 'string' ? text : type === 'bool' ? true : type === 'number' ? 1 : null;

/** gRPC's frame: not compressed, four bytes of length. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function encodeSchema(schema: ProviderSchema): Buffer {
  const map = (number: number, schemas: ProviderSchema['resource_schemas']) =>
    Object.entries(schemas).map(
      ([name, { block }]) =>
        [
          number,
          encodeMessage([
            [1, name],
            [2, encodeMessage([[2, encodeBlock(block)]])],
          ]),
        ] as const,
    );
  return encodeMessage([
    [1, encodeMessage([[2, encodeBlock(schema.provider.block)]])],
    ...map(2, schema.resource_schemas),
    ...map(3, schema.data_source_schemas),
    ...map(8, schema.ephemeral_resource_schemas),
  ]);
}

function encodeBlock({ attributes = {}, block_types = {} }: Block): Buffer {
  return encodeMessage([
    ...Object.entries(attributes).map(
      ([name, { type, required = false, optional = false, computed = false, write_only = false }]) =>
        [
          2,
          encodeMessage([
            [1, name],
            [2, JSON.stringify(type)],
            [4, required],
            [5, optional],
            // Of an optional argument it is not recorded; this way nothing that is left out is believed to be null.
            [6, computed || (optional && !write_only)],
            [10, write_only],
          ]),
        ] as const,
    ),
    ...Object.entries(block_types).map(
      ([name, { nesting_mode, block, min_items = 0, max_items = 0 }]) =>
        [
          3,
          encodeMessage([
            [1, name],
            [2, encodeBlock(block)],
            [3, NESTING_MODES[nesting_mode]],
            [4, min_items],
            [5, max_items],
          ]),
        ] as const,
    ),
  ]);
}
