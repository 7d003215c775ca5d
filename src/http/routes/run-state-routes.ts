import * as z from 'zod';
import { parseRetryRequest } from '../../contract/parse-retry-request.ts';
import { Run } from '../../contract/run-resource.ts';
import { RetryRequest } from '../../contract/run-submission-request.ts';
import { isFinal, type RunRecord } from '../../run/run-record.ts';
import { answerRun, etagOf, findRun } from '../answer-run.ts';
import { checkOrder } from '../check-order.ts';
import { includesTag } from '../entity-tag.ts';
import { readLimitedBody } from '../middleware/read-limited-body.ts';
import { ProblemError } from '../problem-error.ts';
import { orderWhatIsLeft } from '../retry-run.ts';
import type { ServerState } from '../server-state.ts';
import { submitRun } from '../submit-run.ts';
import { readWait, waitAtMost } from '../waiting.ts';
import { type Call, createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute, jsonBody } from './create-typed-route.ts';
import { joinRoutes } from './join-routes.ts';
import {
  answerHeaders,
  runParams,
  runLinks,
  runProblems,
  submitHeaders,
  waitQuery,
} from './run-parameters.ts';

const showRoute = defineRoute({
  access: 'follow',
  method: 'get',
  path: '/runs/{id}',
  operationId: 'show_run',
  tags: ['runs'],
  summary: 'Show a run',
  description: 'The run as it is, at once or, with `wait`, when it has ended or changed.',
  request: {
    params: runParams,
    query: z.object({ wait: waitQuery }),
    headers: z.object({
      'if-none-match': z.string().optional().meta({ description: 'The `ETag` that you have.' }),
    }),
  },
  responses: {
    200: { ...jsonBody('The run.', Run), headers: answerHeaders.tagged },
    304: { description: 'It has not changed.', headers: answerHeaders.tagged },
    ...runProblems,
    422: problemBody('A query parameter is not as it should be.'),
    503: problemBody('Runs cannot be read.'),
  },
});

const cancelRoute = defineRoute({
  access: 'cancel',
  method: 'post',
  path: '/runs/{id}/cancel',
  operationId: 'cancel_run',
  tags: ['runs'],
  summary: 'Cancel a run',
  description:
    'Asks a run to stop; asking again is the same. One that waits ends at once, one that runs when its nodes have stopped.',
  request: { params: runParams },
  responses: {
    202: { ...jsonBody('The run is asked to stop.', Run), headers: answerHeaders.tagged },
    ...runProblems,
    409: problemBody('The run has ended.'),
    503: problemBody('Runs cannot be written.'),
  },
});

const retryRoute = defineRoute({
  access: 'run',
  replays: true,
  method: 'post',
  path: '/runs/{id}/retry',
  operationId: 'retry_run',
  tags: ['runs'],
  summary: 'Retry a run',
  description:
    'Submits a run again that has ended: all of it, or what it had not finished. The new run names the old one as `retry_of`.',
  request: {
    params: runParams,
    headers: submitHeaders,
    body: { required: false, content: { 'application/json': { schema: RetryRequest } } },
  },
  responses: {
    200: {
      ...jsonBody('The new run has ended while it was waited for.', Run),
      headers: answerHeaders.submitted,
      links: runLinks,
    },
    202: {
      ...jsonBody('The new run is accepted.', Run),
      headers: answerHeaders.submitted,
      links: runLinks,
    },
    ...runProblems,
    400: problemBody('The body is no readable text.'),
    409: problemBody(
      'The run has not ended, or nothing is left of it, or other runs are in the way.',
    ),
    408: problemBody('The body has not come in time.'),
    413: problemBody('The body is too large.'),
    422: problemBody(
      'The body is not as it should be, or the project no longer has what the run names.',
    ),
    503: problemBody(
      'The server is full or stopping, or the project cannot be used; `Retry-After` says when to try again.',
    ),
  },
});

/** One run: what it is, and what becomes of it. */
export function createRunStateRoutes(state: ServerState) {
  const { runs, authorization, bodyLimits } = state;

  function tagOf(record: RunRecord): string {
    return etagOf(record, runs.placeOf(record.id));
  }

  /** Holds an answer back until there is something to tell. */
  async function whenDue(call: Call, found: RunRecord, known: string | null): Promise<RunRecord> {
    const seconds = readWait(call.query);
    if (seconds === 0 || isFinal(found.status)) return found;
    const { id, lastEventId } = found;
    if (known === null) {
      const wait = (stop: AbortSignal) => runs.waitForEnd(id, stop);
      return (await waitAtMost(seconds, call.request.signal, wait)) ?? found;
    }
    if (!includesTag(known, tagOf(found))) return found;
    const wait = (stop: AbortSignal) => runs.waitForChange(id, lastEventId, stop);
    return (await waitAtMost(seconds, call.request.signal, wait)) ?? found;
  }

  async function show(call: Call): Promise<Response> {
    const known = call.request.headers.get('if-none-match');
    const record = await whenDue(call, await findRun(state, call, 'read'), known);
    const etag = tagOf(record);
    if (known !== null && includesTag(known, etag)) {
      return new Response(null, { status: 304, headers: { etag, 'cache-control': 'no-cache' } });
    }
    return answerRun(state, call, record, { status: 200 });
  }

  async function cancel(call: Call): Promise<Response> {
    const found = await findRun(state, call, 'cancel');
    const outcome = await runs.cancel(found.id, 'The run was cancelled by a request.');
    const record = (await runs.get(found.id)) ?? found;
    if (outcome === 'cancelling') return answerRun(state, call, record, { status: 202 });
    const message = `Run ${record.id} has ended (${record.status}): there is nothing to cancel.`;
    throw new ProblemError('run-ended', message, { runId: record.id });
  }

  async function retry(call: Call): Promise<Response> {
    const { request } = call;
    const record = await findRun(state, call, 'retry');
    authorization.requirePipelines(request, record.submission.order);
    const body = await readLimitedBody(request, bodyLimits);
    const { from } = parseRetryRequest(body, request.headers.get('content-type'));
    if (!isFinal(record.status)) {
      const message = `Run ${record.id} has not ended (${record.status}). Wait for its end, or cancel it first.`;
      throw new ProblemError('run-not-ended', message, { runId: record.id });
    }
    const { submission } = record;
    const asked = from === 'failed' ? await orderWhatIsLeft(state, record) : submission;
    const { order, inputNames } = asked;
    return submitRun(state, call, {
      body,
      submission: (headers) => ({
        ...submission,
        ...headers,
        order,
        inputNames,
        retryOf: record.id,
        attempt: submission.attempt + 1,
      }),
      check: () => checkOrder(state, asked),
    });
  }

  return joinRoutes(
    createProblemRoute(showRoute, state, show),
    createProblemRoute(cancelRoute, state, cancel),
    createProblemRoute(retryRoute, state, retry),
  );
}
