const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 without its byte order mark. Throws `TypeError` for other bytes. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new TypeError('The file is not UTF-8 text. Save it as UTF-8.', { cause });
  }
}
