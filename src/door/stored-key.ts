import * as z from 'zod';
import { ServerSettingsError } from '../errors.ts';
import { toHex } from '../to-hex.ts';
import { type Scope, scopes } from './principal.ts';

const StoredKey = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(scopes)).min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'has to be 64 hexadecimal digits'),
  pipelines: z.array(z.string()).min(1).optional(),
  expires: z.iso.datetime().optional(),
});

/** A key as it is kept: what it is for, and the SHA-256 of it, from which it cannot be had. */
export type StoredKey = z.infer<typeof StoredKey>;

export interface KeyRequest {
  /** Who has it; keys of the same name have the same runs. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Pipelines that it may run; all of them unless given. */
  readonly pipelines?: readonly string[] | undefined;
  /** When it ends; never unless given. */
  readonly expires?: Date | undefined;
}

/** By which a key is known from other tokens, also by scanners of code for secrets. */
export const keyPrefix = 'kds_';
const keyBytes = 32;

/** SHA-256 is enough: a key is 256 bits of chance, which nobody can go through. */
export async function hashKey(key: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
}

/** Makes a key. It is shown this once; `stored` is what the server is given. */
export async function createKey(
  request: KeyRequest,
): Promise<{ readonly key: string; readonly stored: StoredKey }> {
  const key = `${keyPrefix}${toHex(crypto.getRandomValues(new Uint8Array(keyBytes)))}`;
  const { name, scopes: asked, pipelines, expires } = request;
  const stored = {
    name,
    scopes: asked,
    ...(pipelines !== undefined && { pipelines }),
    ...(expires !== undefined && { expires: expires.toISOString() }),
    sha256: toHex(await hashKey(key)),
  };
  return { key, stored: StoredKey.parse(stored) };
}

/**
 * Reads stored keys from text, one JSON object a line; empty lines and those that begin with `#`
 * are passed over. `source` is what the text is called in errors. Throws `ServerSettingsError`.
 */
export function parseKeys(text: string, source: string): readonly StoredKey[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#')
      ? []
      : [parseLine(trimmed, `Line ${index + 1} of ${source}`)];
  });
}

function parseLine(line: string, place: string): StoredKey {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // What the parser says may quote the line, and somebody may have put a key itself there.
    throw keyInvalid(place, 'it is no JSON');
  }
  const parsed = StoredKey.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw keyInvalid(place, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

function keyInvalid(place: string, problem: string): ServerSettingsError {
  return new ServerSettingsError(
    `${place} is no key (${problem}). Make one with 'kedro-server keys new NAME', and put the line that it writes there.`,
  );
}
