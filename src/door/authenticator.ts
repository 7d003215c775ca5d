import { createIssuedTokens, type IssuerOptions } from './issued-tokens.ts';
import { createKeyRing, type StoredKeys } from './key-ring.ts';
import type { Principal, PrincipalLimits } from './principal.ts';
import { createRunTokens, isRunToken, type RunTokens } from './run-tokens.ts';
import { keyPrefix } from './stored-key.ts';

/** Says who sends a request, or null when that is not known; an embedder's own. */
export type Authenticate = (request: Request) => Principal | null | Promise<Principal | null>;

/** By what callers are known. */
export interface AuthOptions {
  /** Keys; `parseKeys` reads them from text. A function is asked with each request that brings one. */
  readonly keys?: StoredKeys | undefined;
  /** Who issues JSON Web Tokens for this server. */
  readonly issuer?: IssuerOptions | undefined;
  /** Asked first, for callers that are known by something else. */
  readonly authenticate?: Authenticate | undefined;
  /** For principals that bring no limits of their own; default: none. */
  readonly limits?: PrincipalLimits | undefined;
  /** Signs tokens for one run; needed where several processes serve one address. Made up by default. */
  readonly runTokenSecret?: string | undefined;
}

/** What a request shows to be known by. */
export interface Credentials {
  readonly request: Request;
  /** The token of `Authorization: Bearer`; null without one. */
  readonly bearer: string | null;
  /** The token of the cookie for one run; null without one. */
  readonly cookie: string | null;
}

export interface Authenticator {
  readonly runTokens: RunTokens;
  /** Null when nothing shows who it is. Throws `IssuerUnreachable`, and what the embedder's own throws. */
  identify(credentials: Credentials): Promise<Principal | null>;
}

export function createAuthenticator(options: AuthOptions): Authenticator {
  const { keys = [], issuer, authenticate, limits, runTokenSecret = null } = options;
  const keyRing = createKeyRing(keys);
  const issuedTokens = issuer === undefined ? null : createIssuedTokens(issuer);
  const runTokens = createRunTokens(runTokenSecret);

  async function readBearer(token: string): Promise<Principal | null> {
    if (token.startsWith(keyPrefix)) return keyRing(token);
    if (isRunToken(token)) return runTokens.read(token);
    return issuedTokens === null ? null : issuedTokens(token);
  }

  async function find({ request, bearer, cookie }: Credentials): Promise<Principal | null> {
    const own = (await authenticate?.(request)) ?? null;
    if (own !== null) return own;
    if (bearer !== null) return readBearer(bearer);
    return cookie === null ? null : runTokens.read(cookie);
  }

  return {
    runTokens,
    identify: async (credentials) => {
      const principal = await find(credentials);
      return principal === null || limits === undefined ? principal : { limits, ...principal };
    },
  };
}
