import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { type AuthOptions, createAuthenticator, type Credentials } from '../door/authenticator.ts';
import { IssuerUnreachable } from '../door/issuer-unreachable.ts';
import { type Access, type Principal, refusalOf } from '../door/principal.ts';
import { createRateLimiter } from '../door/rate-limiter.ts';
import type { RunTokens } from '../door/run-tokens.ts';
import { ProblemError } from './problem-error.ts';

/** The cookie that brings the token for one run. */
export const runCookie = 'kedro_run';

/** Who sends the requests of a server that asks. */
export interface Callers {
  readonly runTokens: RunTokens;
  /**
   * Finds out who sends a request, and whether they may ask for what a route gives. Throws
   * `ProblemError`: `unauthenticated`, `forbidden`, `rate-limited`, `issuer-unreachable`.
   */
  admit(c: Context, wanted: Wanted): Promise<void>;
  /**
   * Has to be called before a request does anything new. Throws `ProblemError` (`rate-limited`) for
   * one that was only admitted because it may be one that has been here before.
   */
  requireNew(request: Request): void;
  /** Who sends a request that was admitted. Throws `ProblemError` (`unauthenticated`) for others. */
  principalOf(request: Request): Principal;
}

/** What a route gives, and whether it knows requests that have been here before. */
export interface Wanted {
  readonly access: Access;
  readonly replays: boolean;
}

const bearerForm = /^bearer +([\w.~+/-]+=*)$/i;

export function createCallers(auth: AuthOptions): Callers {
  const authenticator = createAuthenticator(auth);
  const limiter = createRateLimiter();
  const replayLimiter = createRateLimiter();
  const admitted = new WeakMap<Request, Principal>();
  /** Those beyond the rate that may be replays, which are answered: what they get if they are not. */
  const overRate = new WeakMap<Request, ProblemError>();

  /**
   * Only when it has been read and looked up is it known whether a request has been here before: of
   * those beyond the rate, as many a minute as the rate are.
   */
  function limitRate({ id, limits }: Principal, request: Request, replays: boolean): void {
    const perMinute = limits?.requestsPerMinute ?? Infinity;
    if (perMinute === Infinity) return;
    const waitS = limiter.take(id, perMinute);
    if (waitS === 0) return;
    const refusal = rateLimited(perMinute, waitS);
    const mayReplay = replays && request.headers.has('idempotency-key');
    if (!mayReplay || replayLimiter.take(id, perMinute) > 0) throw refusal;
    overRate.set(request, refusal);
  }

  async function identify(credentials: Credentials): Promise<Principal | null> {
    try {
      return await authenticator.identify(credentials);
    } catch (error) {
      if (!(error instanceof IssuerUnreachable)) throw error;
      throw new ProblemError('issuer-unreachable', error.message, { retryAfterS: 5 });
    }
  }

  return {
    runTokens: authenticator.runTokens,
    admit: async (c, { access, replays }) => {
      const request = c.req.raw;
      const sent = request.headers.get('authorization');
      const bearer = bearerForm.exec(sent ?? '')?.[1] ?? null;
      const cookie = sent === null ? (getCookie(c, runCookie) ?? null) : null;
      const principal = await identify({ request, bearer, cookie });
      if (principal === null) throw unauthenticated(sent !== null || cookie !== null);
      limitRate(principal, request, replays);
      if (refusalOf(principal, { access }) !== null) throw scopeMissing(access);
      admitted.set(request, principal);
    },
    requireNew: (request) => {
      const refusal = overRate.get(request);
      if (refusal !== undefined) throw refusal;
    },
    principalOf: (request) => {
      const principal = admitted.get(request);
      if (principal === undefined) throw unauthenticated(false);
      return principal;
    },
  };
}

function unauthenticated(hasSent: boolean): ProblemError {
  const message = hasSent
    ? 'The token that was sent is not known here, or has ended. Ask whoever runs this server for another one.'
    : "This server asks who calls: send a token, as 'Authorization: Bearer …'.";
  const error = hasSent ? ', error="invalid_token"' : '';
  const headers = { 'www-authenticate': `Bearer realm="kedro-server"${error}` };
  return new ProblemError('unauthenticated', message, { headers });
}

function scopeMissing(access: Access): ProblemError {
  const scope = access === 'follow' ? 'read' : access;
  const headers = {
    'www-authenticate': `Bearer realm="kedro-server", error="insufficient_scope", scope="${scope}"`,
  };
  const message = `This needs the scope '${scope}', which the token that was sent does not have. Ask whoever runs this server for one that has it.`;
  return new ProblemError('forbidden', message, { headers });
}

function rateLimited(perMinute: number, retryAfterS: number): ProblemError {
  const message = `More than ${perMinute} requests a minute came with this token. Try again in ${retryAfterS} s.`;
  return new ProblemError('rate-limited', message, { retryAfterS });
}
