import * as z from 'zod';
import { problemBody } from './create-problem-route.ts';

/** Part of the path that names a run. */
export const runParams = z.object({
  id: z.string().meta({
    description: 'The run’s id.',
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

export const waitQuery = z
  .string()
  .regex(/^\d{1,9}$/)
  .optional()
  .meta({
    description:
      'Seconds (300 at most) for which the answer is held back: until the run has ended, or, with `If-None-Match`, until it has changed.',
    example: '30',
  });

export const afterQuery = z
  .string()
  .regex(/^\d{1,15}$/)
  .optional()
  .meta({
    description: 'Only events with greater ids. The header `Last-Event-ID` says the same.',
    example: '5',
  });

export const limitQuery = (most: number, usual: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .optional()
    .meta({
      description: `How many at most: 1 to ${most}, ${usual} without it.`,
      example: String(usual),
    });

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

/** What routes on a run have in common. */
export const runProblems = {
  403: problemBody('This request may not do that.'),
  404: problemBody('There is no such run.'),
};
