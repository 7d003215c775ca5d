import type { Principal } from './principal.ts';

/** Tokens for reading one run, for a short time. */
export interface RunTokens {
  /** `endsAtMs` is in milliseconds since 1970. */
  issue(holder: string, runId: string, endsAtMs: number): Promise<string>;
  /** Null for one that is not good, or has ended. */
  read(token: string): Promise<Principal | null>;
}

const algorithm = 'HS256';
const type = 'kedro-run+jwt';

/**
 * Creates the maker and reader of tokens for one run, which nobody keeps: they are signed with
 * `secret`, or with one that is made up and gone with the process.
 */
export function createRunTokens(secret: string | null): RunTokens {
  let signing: Uint8Array | null = null;
  const key = (): Uint8Array =>
    (signing ??=
      secret === null
        ? crypto.getRandomValues(new Uint8Array(32))
        : new TextEncoder().encode(secret));

  return {
    issue: async (holder, runId, endsAtMs) => {
      const { SignJWT } = await import('jose');
      return new SignJWT({ run: runId })
        .setProtectedHeader({ alg: algorithm, typ: type })
        .setSubject(holder)
        .setExpirationTime(Math.floor(endsAtMs / 1000))
        .sign(key());
    },
    read: async (token) => {
      const { errors, jwtVerify } = await import('jose');
      try {
        const { payload } = await jwtVerify<{ run: unknown }>(token, key(), {
          algorithms: [algorithm],
          typ: type,
          requiredClaims: ['sub', 'exp', 'run'],
        });
        const { sub = '', exp = 0, run } = payload;
        if (typeof run !== 'string') return null;
        return { id: sub, scopes: [], onlyRun: { id: run, endsAtMs: exp * 1000 } };
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** Whether a token is, by what it says itself, one of these. */
export function isRunToken(token: string): boolean {
  const [header = ''] = token.split('.', 1);
  if (header.length > 200) return false;
  try {
    return atob(header.replaceAll('-', '+').replaceAll('_', '/')).includes(`"${type}"`);
  } catch {
    return false;
  }
}
