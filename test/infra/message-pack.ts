/** A value of Terraform's; unknown ones, which it sends as an extension, are the symbol. */
export type Value = null | boolean | number | string | typeof UNKNOWN | Value[] | { [name: string]: Value };

export const UNKNOWN: unique symbol = Symbol('unknown');

/** Decodes the part of MessagePack that Terraform writes configurations in. */
export function decodeMessagePack(bytes: Buffer): Value {
  let at = 0;
  const unsigned = (size: number) => {
    at += size;
    return bytes.readUIntBE(at - size, size);
  };
  const take = (size: number) => {
    at += size;
    return bytes.subarray(at - size, at);
  };
  const text = (length: number) => take(length).toString();
  const array = (length: number) => Array.from({ length }, value);
  const map = (length: number) =>
    Object.fromEntries(Array.from({ length }, (): [string, Value] => [String(value()), value()]));
  const unknown = (length: number): Value => {
    take(length + 1);
    return UNKNOWN;
  };

  function value(): Value {
    const kind = unsigned(1);
    if (kind <= 0x7f) return kind;
    if (kind <= 0x8f) return map(kind & 0x0f);
    if (kind <= 0x9f) return array(kind & 0x0f);
    if (kind <= 0xbf) return text(kind & 0x1f);
    if (kind >= 0xe0) return kind - 0x100;
    const decode = KINDS[kind];
    if (!decode) throw new Error(`Unexpected MessagePack kind 0x${kind.toString(16)} at byte ${at - 1}.`);
    return decode();
  }

  const KINDS: Record<number, () => Value> = {
    0xc0: () => null,
    0xc2: () => false,
    0xc3: () => true,
    0xc4: () => text(unsigned(1)),
    0xc7: () => unknown(unsigned(1)),
    0xc8: () => unknown(unsigned(2)),
    0xca: () => take(4).readFloatBE(),
    0xcb: () => take(8).readDoubleBE(),
    0xcc: () => unsigned(1),
    0xcd: () => unsigned(2),
    0xce: () => unsigned(4),
    0xcf: () => Number(take(8).readBigUInt64BE()),
    0xd0: () => take(1).readInt8(),
    0xd1: () => take(2).readInt16BE(),
    0xd2: () => take(4).readInt32BE(),
    0xd3: () => Number(take(8).readBigInt64BE()),
    0xd4: () => unknown(1),
    0xd5: () => unknown(2),
    0xd6: () => unknown(4),
    0xd7: () => unknown(8),
    0xd8: () => unknown(16),
    0xd9: () => text(unsigned(1)),
    0xda: () => text(unsigned(2)),
    0xdb: () => text(unsigned(4)),
    0xdc: () => array(unsigned(2)),
    0xde: () => map(unsigned(2)),
  };

  return bytes.length === 0 ? null : value();
}

/** Encodes a value so that Terraform reads it; not as short as it could be. */
export function encodeMessagePack(value: Value): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (value === UNKNOWN) return Buffer.from([0xd4, 0, 0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9, 0xcb);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const head = Buffer.alloc(5, 0xdb);
    head.writeUInt32BE(text.length, 1);
    return Buffer.concat([head, text]);
  }
  const list = Array.isArray(value);
  const parts = list ? value : Object.entries(value).flat();
  const head = Buffer.alloc(3, list ? 0xdc : 0xde);
  head.writeUInt16BE(list ? parts.length : parts.length / 2, 1);
  return Buffer.concat([head, ...parts.map(encodeMessagePack)]);
}
