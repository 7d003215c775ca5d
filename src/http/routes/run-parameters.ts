import * as z from 'zod';
import { problemBody } from './create-problem-route.ts';

/** Part of the path that names a run. */
export const runParams = z.object({
  id: z.string().meta({
    description: 'The run’s id, or its `save_version`: the `run_id` that `/run` answers with.',
    example: '0193a1f0-5b1c-7c3e-9d1a-3f1d5a0c8e11',
  }),
});

const traceHeaders = {
  traceparent: z.string().optional().meta({
    description: 'W3C trace context: the run’s events, logs and spans become part of that trace.',
  }),
  'x-request-id': z.string().optional().meta({
    description: 'Your own name for the request; it comes back in the answer and in the run.',
  }),
};

/** Headers that a request may bring which submits a run. */
export const submitHeaders = z.object({
  ...traceHeaders,
  prefer: z.string().optional().meta({
    description:
      '`wait=N` (RFC 7240): the answer is held back until the run has ended, for N seconds at most (300 is the most).',
    example: 'wait=30',
  }),
  'idempotency-key': z.string().optional().meta({
    description:
      'A name of your own for the request, kept for 24 hours: sent again with the same body it is the same run.',
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  }),
});

/** A whole number in a query: a text there, and an integer in the document. */
function integerQuery(description: string, example: number, minimum: number, maximum?: number) {
  const bounds = { minimum, ...(maximum !== undefined && { maximum }) };
  return z
    .string()
    .optional()
    .meta({ type: 'integer', ...bounds, description, example });
}

export const waitQuery = integerQuery(
  'Seconds (300 at most) for which the answer is held back: until the run has ended, or, with `If-None-Match`, until it has changed.',
  30,
  0,
);

export const afterQuery = integerQuery(
  'Only events with greater ids. The header `Last-Event-ID` says the same.',
  0,
  0,
);

export function limitQuery(most: number, usual: number) {
  return integerQuery(`How many at most in a list; ${usual} without it.`, usual, 1, most);
}

function header(description: string) {
  return { description, schema: { type: 'string' as const } };
}

/** Headers of answers. */
export const answerHeaders = {
  requestId: { 'X-Request-Id': header('The request’s id, as it was sent or made here.') },
  submitted: {
    'X-Request-Id': header('The request’s id, as it was sent or made here.'),
    Location: header('Path of the run.'),
    'Preference-Applied': header('`wait=N` when the request asked to wait.'),
    'Idempotent-Replayed': header('`true` when it is the run of an earlier request.'),
  },
  tagged: {
    'X-Request-Id': header('The request’s id, as it was sent or made here.'),
    ETag: header('Changes with the run; send it back as `If-None-Match`.'),
  },
  page: {
    'X-Request-Id': header('The request’s id, as it was sent or made here.'),
    Link: header('`rel="next"`: the next page.'),
  },
};

const ofThisRun = { id: '$response.body#/id' };

/** What can be done with a run that an answer shows. */
export const runLinks = {
  show: { operationId: 'show_run', parameters: ofThisRun },
  events: { operationId: 'follow_run', parameters: ofThisRun },
  logs: { operationId: 'read_run_logs', parameters: ofThisRun },
  output: {
    operationId: 'read_run_output',
    parameters: { ...ofThisRun, name: '$response.body#/outputs/0/name' },
  },
  cancel: { operationId: 'cancel_run', parameters: ofThisRun },
  retry: { operationId: 'retry_run', parameters: ofThisRun },
};

/** What routes on a run have in common. */
export const runProblems = {
  403: problemBody('This request may not do that.'),
  404: problemBody('There is no such run.'),
};
