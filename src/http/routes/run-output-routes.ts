import * as z from 'zod';
import { isFinal, type RunRecord } from '../../run/run-record.ts';
import { findRun } from '../answer-run.ts';
import { jsonResponse } from '../json-response.ts';
import { ProblemError } from '../problem-error.ts';
import type { ServerState } from '../server-state.ts';
import { type Call, createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute } from './create-typed-route.ts';
import { answerHeaders, runParams, runProblems } from './run-parameters.ts';

const outputRoute = defineRoute({
  access: 'follow',
  method: 'get',
  path: '/runs/{id}/outputs/{name}',
  operationId: 'read_run_output',
  tags: ['runs'],
  summary: 'Read an output',
  description: 'The data of one output of the run, as JSON. The run’s `outputs` tell what it is.',
  request: {
    params: runParams.extend({
      name: z.string().meta({ description: 'The dataset.', example: 'total' }),
    }),
  },
  responses: {
    200: {
      description: 'The data.',
      headers: answerHeaders.requestId,
      content: { 'application/json': { schema: z.unknown() } },
    },
    ...runProblems,
    404: problemBody('There is no such run, or it was not asked for this output.'),
    409: problemBody('The output is not there yet, or its data cannot be had.'),
    503: problemBody('Runs cannot be read.'),
  },
});

/** The data that a run was asked for. */
export function createRunOutputRoutes(state: ServerState) {
  return createProblemRoute(outputRoute, state, async (call: Call) => {
    const record = await findRun(state, call, 'read');
    const name = call.param('name');
    const stored = await state.runs.output(record.id, name);
    if (stored !== null) return jsonResponse(stored.json);
    throw whyNot(record, name);
  });
}

function whyNot(record: RunRecord, name: string): ProblemError {
  const { id: runId, status, outputs, submission } = record;
  const asked = submission.order.outputs ?? [];
  if (!asked.includes(name)) {
    const known = asked.length === 0 ? 'none' : asked.join(', ');
    const message = `Run ${runId} was not asked for the output '${name}'; it was asked for ${known}.`;
    return new ProblemError('output-unknown', message, { runId });
  }
  const error = outputs.find((output) => output.name === name)?.error ?? null;
  if (error !== null) {
    const message = `The data of '${name}' cannot be had: ${error.type}: ${error.message}`;
    return new ProblemError('output-unavailable', message, { runId });
  }
  if (isFinal(status)) {
    const message = `Run ${runId} has ended (${status}) without the output '${name}'.`;
    return new ProblemError('output-unavailable', message, { runId });
  }
  const message = `Run ${runId} has not come to the output '${name}' yet (${status}).`;
  return new ProblemError('output-not-ready', message, { runId, retryAfterS: 1 });
}
