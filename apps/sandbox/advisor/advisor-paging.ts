import { type SandboxRequest, azureError } from '../http/exchange.js';

const DEFAULT_PAGE = 100;

/** One page of a list with the link to the next one, which is absent at the end. */
export function pageOf<T>(request: SandboxRequest, items: readonly T[]): { value: readonly T[]; nextLink?: string } {
  const top = request.query.get('$top');
  const size = top === undefined ? DEFAULT_PAGE : Number(top);
  if (!Number.isInteger(size) || size < 1)
    throw azureError(400, 'BadRequest', `The value '${top ?? ''}' of $top is invalid.`);
  const start = offsetOf(request.query.get('$skiptoken'));
  const end = start + size;
  const value = items.slice(start, end);
  return end < items.length ? { value, nextLink: linkTo(request, end) } : { value };
}

function offsetOf(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  const offset = Number(
    Buffer.from(token, 'base64url')
      .toString('utf8')
      .replace(/^page:/, ''),
  );
  if (!Number.isInteger(offset) || offset < 0) throw azureError(400, 'BadRequest', 'The skip token is invalid.');
  return offset;
}

/** The service spells its own parameter in lower case, whatever the caller wrote. */
function linkTo(request: SandboxRequest, offset: number): string {
  const kept = ['api-version', '$filter', '$top'].flatMap((name) => {
    const value = request.query.get(name);
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  const token = Buffer.from(`page:${offset}`).toString('base64url');
  return `${request.origin}${encodeURI(request.path)}?${[...kept, `$skiptoken=${token}`].join('&')}`;
}
