/** Whether the bytes at two places are the same, compared four at a time. */
export function isSame(view: DataView, at: number, other: DataView, otherAt: number, length: number): boolean {
  let index = 0;
  for (; index + 4 <= length; index += 4)
    if (view.getInt32(at + index) !== other.getInt32(otherAt + index)) return false;
  for (; index < length; index += 1) if (view.getInt8(at + index) !== other.getInt8(otherAt + index)) return false;
  return true;
}
