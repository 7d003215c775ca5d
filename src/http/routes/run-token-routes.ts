import { generateCookie } from 'hono/cookie';
import * as z from 'zod';
import { RunToken } from '../../contract/run-token-resource.ts';
import { findRun, runsPathOf } from '../answer-run.ts';
import { runCookie } from '../callers.ts';
import { parameterInvalid, ProblemError } from '../problem-error.ts';
import type { ServerState } from '../server-state.ts';
import { type Call, createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute, jsonBody } from './create-typed-route.ts';
import { answerHeaders, runParams, runProblems } from './run-parameters.ts';

const usualTtlS = 15 * 60;
const longestTtlS = 24 * 60 * 60;

const tokenRoute = defineRoute({
  access: 'follow',
  method: 'post',
  path: '/runs/{id}/token',
  operationId: 'create_run_token',
  tags: ['runs'],
  summary: 'Make a token for one run',
  description:
    'Makes a token that reads this run and nothing else, for a page in a browser. It comes as a cookie of this run’s path too, which `EventSource` sends by itself. Nothing is kept of it. A token for one run makes another that ends when it does.',
  request: {
    params: runParams,
    query: z.object({
      ttl: z.coerce
        .number()
        .int()
        .min(1)
        .max(longestTtlS)
        .optional()
        .meta({
          description: `Seconds until it ends; ${usualTtlS} unless given.`,
        }),
    }),
  },
  responses: {
    201: { ...jsonBody('The token.', RunToken), headers: answerHeaders.requestId },
    ...runProblems,
    404: problemBody('There is no such run, or the server asks nobody who calls.'),
    422: problemBody('A query parameter is not as it should be.'),
    503: problemBody('Runs cannot be read.'),
  },
});

/** Tokens that let a browser follow a run. */
export function createRunTokenRoutes(state: ServerState) {
  const { callers } = state;
  return createProblemRoute(tokenRoute, state, async (call: Call) => {
    const { id: runId } = await findRun(state, call, 'read');
    if (callers === null) {
      const message = 'This server asks nobody who calls: follow the run without a token.';
      throw new ProblemError('not-found', message);
    }
    const { request } = call;
    const { id: holder, onlyRun = null } = callers.principalOf(request);
    const endsAtMs = Math.min(Date.now() + readTtl(call) * 1000, onlyRun?.endsAtMs ?? Infinity);
    const token = await callers.runTokens.issue(holder, runId, endsAtMs);
    const expiresAt = new Date(Math.floor(endsAtMs / 1000) * 1000);
    const body: RunToken = { token, run_id: runId, expires_at: expiresAt.toISOString() };
    const cookie = generateCookie(runCookie, token, {
      path: `${runsPathOf(call)}/${runId}`,
      expires: expiresAt,
      httpOnly: true,
      sameSite: 'Strict',
      secure: request.url.startsWith('https:'),
    });
    return new Response(JSON.stringify(body), {
      status: 201,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'set-cookie': cookie,
      },
    });
  });
}

function readTtl({ query }: Call): number {
  const text = query.get('ttl');
  if (text === null) return usualTtlS;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= longestTtlS) return seconds;
  throw parameterInvalid('ttl', `'ttl' has to be a whole number from 1 to ${longestTtlS}.`);
}
