/** A field of a message under construction: its number and its value; false and 0 are left out, as proto3 does. */
type Field = readonly [number, Uint8Array | string | number | boolean];

const LENGTH_DELIMITED = 2;

/** Encodes a message; nested messages are given as bytes. */
export function encodeMessage(fields: Iterable<Field>): Buffer {
  const parts: Buffer[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number' || typeof value === 'boolean') {
      if (value) parts.push(varint(number << 3), varint(Number(value)));
      continue;
    }
    const bytes = Buffer.from(value as Uint8Array);
    parts.push(varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

/** The bytes of the first length-delimited field of that number; empty where there is none. */
export function fieldOf(message: Buffer, wanted: number): Buffer {
  let at = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = next();
    const length = next();
    if ((key & 7) !== LENGTH_DELIMITED) continue;
    if (key >> 3 === wanted) return message.subarray(at, at + length);
    at += length;
  }
  return Buffer.alloc(0);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
