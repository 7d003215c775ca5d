/** All that an async iterable gives. Throws for anything else. */
export async function collect(pieces: unknown): Promise<readonly unknown[]> {
  if (typeof pieces !== 'object' || pieces === null || !(Symbol.asyncIterator in pieces)) {
    throw new TypeError('This is no async iterable.');
  }
  return Array.fromAsync(pieces as AsyncIterable<unknown>);
}
