import * as z from 'zod';
import { type ParsedSubmission, parseRunSubmission } from '../../contract/parse-run-submission.ts';
import { Run, RunList, RunStatusName } from '../../contract/run-resource.ts';
import { RunSubmissionRequest } from '../../contract/run-submission-request.ts';
import { writeRun, writeRunList } from '../../contract/to-run.ts';
import type { RunSubmission } from '../../run/run-record.ts';
import { runsPathOf } from '../answer-run.ts';
import { checkCallback } from '../check-callback.ts';
import { checkOrder } from '../check-order.ts';
import { readLimitedBody } from '../middleware/read-limited-body.ts';
import { longestPage, readRunQuery, usualPage } from '../run-query.ts';
import type { ServerState } from '../server-state.ts';
import { type FromHeaders, submitRun } from '../submit-run.ts';
import { type Call, createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute, jsonBody } from './create-typed-route.ts';
import { joinRoutes } from './join-routes.ts';
import { answerHeaders, limitQuery, runLinks, submitHeaders } from './run-parameters.ts';

const submitRoute = defineRoute({
  access: 'run',
  replays: true,
  method: 'post',
  path: '/runs',
  operationId: 'submit_run',
  tags: ['runs'],
  summary: 'Submit a run',
  description:
    'Checks a run against the project, accepts it and answers at once; it runs when its turn has come. With `Prefer: wait=N` the answer is held back until it has ended, and then brings the data of its outputs. A run that fails is no HTTP error: its `status` says so.',
  request: {
    headers: submitHeaders,
    body: { required: true, content: { 'application/json': { schema: RunSubmissionRequest } } },
  },
  responses: {
    200: {
      ...jsonBody('The run has ended while it was waited for.', Run),
      headers: answerHeaders.submitted,
      links: runLinks,
    },
    202: {
      ...jsonBody('The run is accepted.', Run),
      headers: answerHeaders.submitted,
      links: runLinks,
    },
    400: problemBody('The body is no readable text.'),
    403: problemBody('This request may not submit runs.'),
    409: problemBody(
      'Runs with the same concurrency key are in the way, or a request with the same idempotency key is being accepted.',
    ),
    408: problemBody('The body has not come in time.'),
    413: problemBody('The body is too large.'),
    422: problemBody(
      'The body is not as it should be, names what the project does not have, or belongs to another idempotency key.',
    ),
    503: problemBody(
      'The server is full or stopping, or the project cannot be used; `Retry-After` says when to try again.',
    ),
  },
});

const listRoute = defineRoute({
  access: 'read',
  method: 'get',
  path: '/runs',
  operationId: 'list_runs',
  tags: ['runs'],
  summary: 'List runs',
  description: 'The newest first. Filters that are given must all be met.',
  request: {
    query: z.object({
      status: z.array(RunStatusName).optional().meta({
        description: 'Runs in any of these states; repeat it, or separate them by commas.',
      }),
      pipeline: z.string().optional().meta({
        description: 'Runs that name this pipeline; `__default__` for those that name none.',
      }),
      label: z
        .array(z.string().regex(/^[^:]+:/))
        .optional()
        .meta({
          description: '`key:value`; repeat it for runs with all of them.',
          example: ['team:pricing'],
        }),
      since: z.iso
        .datetime({ offset: true })
        .optional()
        .meta({ description: 'Created at or after it.' }),
      until: z.iso
        .datetime({ offset: true })
        .optional()
        .meta({ description: 'Created before it.' }),
      limit: limitQuery(longestPage, usualPage),
      cursor: z.uuid().optional().meta({ description: 'The `next_cursor` of the page before.' }),
    }),
  },
  responses: {
    200: { ...jsonBody('A page of runs.', RunList), headers: answerHeaders.page },
    403: problemBody('This request may not list runs.'),
    422: problemBody('A query parameter is not as it should be.'),
    503: problemBody('Runs cannot be read.'),
  },
});

/** The list of runs: submitting one, and finding those that there are. */
export function createRunsRoutes(state: ServerState) {
  const { runs, authorization, allowsPrivateCallbacks, bodyLimits } = state;

  async function submit(call: Call): Promise<Response> {
    const { request } = call;
    await authorization.require(request, 'submit');
    const body = await readLimitedBody(request, bodyLimits);
    const parsed = parseRunSubmission(body, request.headers.get('content-type'));
    authorization.requirePipelines(request, parsed.order);
    return submitRun(state, call, {
      body,
      submission: (headers) => toSubmission(parsed, headers),
      check: async () => {
        checkCallback(parsed.callback, allowsPrivateCallbacks);
        await checkOrder(state, parsed);
      },
    });
  }

  async function list(call: Call): Promise<Response> {
    const { request, query } = call;
    await authorization.require(request, 'list');
    const asked = readRunQuery(query);
    const found = await runs.list({
      ...asked,
      owner: authorization.listedOwner(request),
      limit: asked.limit + 1,
    });
    const page = found.slice(0, asked.limit);
    const nextCursor = found.length > asked.limit ? (page.at(-1)?.id ?? null) : null;
    const runsPath = runsPathOf(call);
    const shown = await authorization.readable(request, page);
    const texts = shown.map((run) => writeRun(run, { runsPath, place: runs.placeOf(run.id) }));
    const headers = new Headers({
      'content-type': 'application/json',
      'cache-control': 'no-cache',
    });
    if (nextCursor !== null) {
      const next = new URLSearchParams(query);
      next.set('cursor', nextCursor);
      headers.set('link', `<${runsPath}?${next.toString()}>; rel="next"`);
    }
    return new Response(writeRunList(texts, nextCursor), { headers });
  }

  return joinRoutes(
    createProblemRoute(submitRoute, state, submit),
    createProblemRoute(listRoute, state, list),
  );
}

function toSubmission(asked: ParsedSubmission, headers: FromHeaders): RunSubmission {
  return { ...asked, ...headers, retryOf: null, attempt: 1 };
}
