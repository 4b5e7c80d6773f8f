import type { IncomingMessage } from 'node:http';
import { decodeJwt } from 'jose';
import type { SandboxRequest } from './exchange.js';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** Larger than any single request of a storage client that uploads in blocks. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Reads a whole request. The path keeps its letters but loses doubled leading slashes, as clients may send them. */
export async function readRequest(
  incoming: IncomingMessage,
  baseUrl: string,
  requestId: string,
): Promise<SandboxRequest> {
  const [rawPath = '/', rawQuery = ''] = splitOnce(incoming.url ?? '/', '?');
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) query.set(name.toLowerCase(), value);
  return {
    method: incoming.method ?? 'GET',
    path: decodePath(rawPath).replace(/^\/+/, '/'),
    query,
    headers: incoming.headers,
    body: await readBody(incoming),
    origin: originOf(incoming.headers.host, baseUrl),
    requestId,
    notes: {},
  };
}

/** Whom a bearer token claims to speak for, unchecked: good enough to match faults, to count and to log. */
export function claimedPrincipal(request: SandboxRequest): { tenantId: string; objectId: string } | undefined {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  try {
    const claims = token === undefined ? undefined : decodeJwt(token);
    return claims && { tenantId: String(claims['tid']), objectId: String(claims['oid']) };
  } catch {
    return undefined;
  }
}

/** Reads a body to its end; a longer one than a client has reason to send breaks the connection. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new RangeError('the request body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A caller that used another name of this machine gets links under that name; any other host is ignored. */
function originOf(host: string | undefined, baseUrl: string): string {
  const { port } = new URL(baseUrl);
  return LOOPBACK_NAMES.some((name) => host === `${name}:${port}`) ? `https://${host}` : baseUrl;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
