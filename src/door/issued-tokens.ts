import type { JSONWebKeySet, JWTPayload } from 'jose';
import { type Principal, scopes } from './principal.ts';
import { IssuerUnreachable } from './issuer-unreachable.ts';

export interface IssuerOptions {
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** `aud` of the tokens: they have to be meant for this server. */
  readonly audience: string;
  /** Where the issuer's keys are, as a JSON Web Key Set, or the keys. */
  readonly jwks: string | JSONWebKeySet;
}

/** Reads a token of an issuer; null for one that is not good. Throws `IssuerUnreachable`. */
export type IssuedTokens = (token: string) => Promise<Principal | null>;

/** Those with a pair of keys; one with a shared secret could be made by whoever can check it. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');
const clockToleranceS = 10;

/**
 * Creates the reader of an issuer's JSON Web Tokens. Their `sub` is who calls, `scope` or `scp` what
 * they may do, `pipelines`, where it is there, what they may run. The keys are asked for when the
 * first token comes, kept for ten minutes, and asked for again for one that is not among them.
 * Throws `TypeError` where `jwks` is no address.
 */
export function createIssuedTokens({ issuer, audience, jwks }: IssuerOptions): IssuedTokens {
  const source = typeof jwks === 'string' ? new URL(jwks) : jwks;
  let verifying: ReturnType<typeof createVerify> | null = null;

  async function createVerify() {
    const { createLocalJWKSet, createRemoteJWKSet, jwtVerify } = await import('jose');
    const keys = source instanceof URL ? createRemoteJWKSet(source) : createLocalJWKSet(source);
    return async (token: string): Promise<JWTPayload> => {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceS,
        requiredClaims: ['sub', 'exp'],
      });
      return payload;
    };
  }

  return async (token) => {
    const verify = await (verifying ??= createVerify());
    try {
      return toPrincipal(await verify(token));
    } catch (error) {
      if (isOfToken(error)) return null;
      throw new IssuerUnreachable(
        `The keys of the issuer '${issuer}' cannot be had, so its tokens cannot be checked. Try again.`,
        { cause: error },
      );
    }
  };
}

/** jose's codes for what lies with the issuer, and not with the token. */
const ofIssuer: ReadonlySet<string> = new Set([
  'ERR_JOSE_GENERIC',
  'ERR_JWK_INVALID',
  'ERR_JWKS_INVALID',
  'ERR_JWKS_TIMEOUT',
]);

function isOfToken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^ERR_J(?:OSE|W[A-Z]+)_/.test(code) && !ofIssuer.has(code);
}

function toPrincipal(claims: JWTPayload): Principal | null {
  const { sub, scope, scp, pipelines } = claims;
  if (sub === undefined || sub === '') return null;
  const words = new Set(
    [scope, scp].flatMap((claim) =>
      typeof claim === 'string' ? claim.split(' ') : toTexts(claim),
    ),
  );
  const held = scopes.filter((each) => words.has(each));
  return {
    id: `jwt:${sub}`,
    scopes: held,
    // What is no list of texts allows nothing.
    pipelines: pipelines === undefined ? null : toTexts(pipelines),
  };
}

function toTexts(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((item) => typeof item === 'string') : [];
}
