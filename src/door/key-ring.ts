import type { Principal } from './principal.ts';
import { hashKey, type StoredKey } from './stored-key.ts';

/** Finds who has a key; null for one that is not known, or has ended. */
export type KeyRing = (key: string) => Promise<Principal | null>;

/** The keys that there are; a function is asked each time, and gives another list when they change. */
export type StoredKeys = readonly StoredKey[] | (() => readonly StoredKey[]);

/** Each comparison goes to its end, so that time tells nothing of what is in a key. */
export function createKeyRing(keys: StoredKeys): KeyRing {
  const ask = typeof keys === 'function' ? keys : () => keys;
  let listed = ask();
  let known = listed.map(readStored);
  return async (key) => {
    const digest = await hashKey(key);
    if (listed !== ask()) {
      listed = ask();
      known = listed.map(readStored);
    }
    const found = known.find((each) => isSame(each.digest, digest));
    if (found === undefined || found.endsAtMs <= Date.now()) return null;
    const { name, scopes, pipelines = null } = found.stored;
    return { id: `key:${name}`, scopes, pipelines };
  };
}

function readStored(stored: StoredKey) {
  const pairs = stored.sha256.match(/../g) ?? [];
  return {
    stored,
    digest: Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)),
    endsAtMs: stored.expires === undefined ? Infinity : Date.parse(stored.expires),
  };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}
