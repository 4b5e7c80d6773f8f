import { ServiceError, json } from '../http/exchange.js';

const MAX_NAME_LENGTH = 255;
const FILE_SYSTEM = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/;

/** An error of the Data Lake endpoint: JSON, with the code repeated in a header. */
export function lakeError(status: number, code: string, message: string): ServiceError {
  return new ServiceError(
    json(status, { error: { code, message } }, { 'x-ms-error-code': code }),
    `${code}: ${message}`,
  );
}

/** Checks a file-system name: 3 to 63 lower-case letters, digits and single hyphens. */
export function checkFileSystemName(name: string): string {
  if (FILE_SYSTEM.test(name)) return name;
  throw lakeError(400, 'InvalidResourceName', 'The specified resource name contains invalid characters.');
}

/**
 * The segments of a decoded path. Anything that could leave the file system's folder, or that a file cannot be named,
 * is refused: empty and dot segments, back slashes, control characters, over-long names.
 */
export function checkPath(path: string): string[] {
  const segments = path.replace(/\/+$/, '').split('/');
  for (const segment of segments) {
    const isForbidden = ['', '.', '..'].includes(segment) || [...segment].some(isForbiddenCharacter);
    if (isForbidden || Buffer.byteLength(segment) > MAX_NAME_LENGTH) {
      throw lakeError(400, 'InvalidResourceName', 'The specified resource name contains invalid characters.');
    }
  }
  return segments;
}

function isForbiddenCharacter(character: string): boolean {
  return character === '\\' || character < ' ' || character === '\u007f';
}
