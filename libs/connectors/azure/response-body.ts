import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { free } from '#core/heap.js';
import { ResponseTooLargeError } from './refusals.js';

/**
 * All bytes of an answer, gunzipped when it says so. Rejects with `ResponseTooLargeError` beyond `maxBytes` (counted
 * after decompression, so that a small answer cannot unpack into all memory), and with the stream's own error when
 * the connection is cut: `pipeline` passes a cut on through the decompressor, which a bare `pipe` would not.
 */
export async function readBody(
  stream: NodeJS.ReadableStream | undefined,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (!stream) return new Uint8Array();
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      chunks.push(chunk);
      done(size > maxBytes ? new ResponseTooLargeError(`The answer is larger than ${maxBytes} bytes.`) : null);
    },
  });
  if (encoding?.trim().toLowerCase() === 'gzip') await pipeline(stream, createGunzip(), collect);
  else await pipeline(stream, collect);
  const body = Buffer.concat(chunks, size);
  for (const chunk of chunks) free(chunk);
  return body;
}
