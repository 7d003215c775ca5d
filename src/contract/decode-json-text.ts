import { UnreadableBody } from './unreadable-body.ts';

/** UTF-8 as it is, a byte order mark included; whatever is no UTF-8 throws. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes bytes as Python's `json.loads` does: UTF-8, UTF-16 or UTF-32, told by the byte order
 * mark or else by where the first zeros are; surrogates pass. Throws `UnreadableBody`.
 */
export function decodeJsonText(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return decodeUtf32(bytes.subarray(4), false);
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return decodeUtf32(bytes.subarray(4), true);
  if (a === 0xfe && b === 0xff) return decodeUtf16(bytes.subarray(2), false);
  if (a === 0xff && b === 0xfe) return decodeUtf16(bytes.subarray(2), true);
  if (a === 0xef && b === 0xbb && c === 0xbf) return decodeUtf8(bytes.subarray(3));
  if (bytes.length >= 4) {
    if (a === 0) return b === 0 ? decodeUtf32(bytes, false) : decodeUtf16(bytes, false);
    if (b === 0) return c === 0 && d === 0 ? decodeUtf32(bytes, true) : decodeUtf16(bytes, true);
  } else if (bytes.length === 2) {
    if (a === 0) return decodeUtf16(bytes, false);
    if (b === 0) return decodeUtf16(bytes, true);
  }
  return decodeUtf8(bytes);
}

/** Decodes UTF-8 as Python's `bytes.decode()` does. Throws `UnreadableBody`. */
export function decodeStrictUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new UnreadableBody('The body is not UTF-8.', { cause });
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  // A surrogate is ED A0..BF 80..BF; ED never stands inside another character.
  for (let at = bytes.indexOf(0xed); at !== -1; at = bytes.indexOf(0xed, at + 1)) {
    const second = bytes[at + 1] ?? 0;
    const third = bytes[at + 2] ?? 0;
    if (second >= 0xa0 && second <= 0xbf && third >= 0x80 && third <= 0xbf) {
      text += decodeStrictUtf8(bytes.subarray(from, at));
      text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
      from = at + 3;
    }
  }
  return text + decodeStrictUtf8(from === 0 ? bytes : bytes.subarray(from));
}

function decodeUtf16(bytes: Uint8Array, littleEndian: boolean): string {
  if (bytes.length % 2 !== 0) throw new UnreadableBody('The body is cut in UTF-16.');
  return decodeUnits(bytes, 2, (view, at) => view.getUint16(at, littleEndian));
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string {
  if (bytes.length % 4 !== 0) throw new UnreadableBody('The body is cut in UTF-32.');
  return decodeUnits(bytes, 4, (view, at) => {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff) throw new UnreadableBody('The body is not UTF-32.');
    return point;
  });
}

function decodeUnits(
  bytes: Uint8Array,
  size: number,
  read: (view: DataView, at: number) => number,
): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(String.fromCodePoint(read(view, at)));
  return parts.join('');
}
