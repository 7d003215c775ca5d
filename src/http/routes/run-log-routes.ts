import * as z from 'zod';
import { RunEventList, ServerSentEvent } from '../../contract/run-event-resource.ts';
import { writeRunEventList } from '../../contract/to-run-event.ts';
import type { RunRecord } from '../../run/run-record.ts';
import { findRun } from '../answer-run.ts';
import { preferType } from '../prefer-type.ts';
import { parameterInvalid } from '../problem-error.ts';
import { type LogReading, readLogPage, writeEventStream, writeLogLines } from '../read-run-log.ts';
import { readLimit } from '../run-query.ts';
import type { ServerState } from '../server-state.ts';
import { createTextBody } from '../text-body.ts';
import { type Call, createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute } from './create-typed-route.ts';
import { joinRoutes } from './join-routes.ts';
import { afterQuery, answerHeaders, limitQuery, runParams, runProblems } from './run-parameters.ts';

const longestPage = 10_000;
const usualPage = 1000;

const eventStream = 'text/event-stream';
const json = 'application/json';
const plain = 'text/plain';

const problems = {
  ...runProblems,
  422: problemBody('A query parameter or header is not as it should be.'),
  503: problemBody('Runs cannot be read.'),
};

const lastEventId = z.object({
  'last-event-id': z.string().optional().meta({
    description: 'Only events with greater ids: what browsers send when they come again.',
  }),
});

const eventsRoute = defineRoute({
  access: 'follow',
  method: 'get',
  path: '/runs/{id}/events',
  operationId: 'follow_run',
  tags: ['runs'],
  summary: 'Follow a run',
  description:
    'What happens in the run, as server-sent events: first what has happened, then what does, until it is over; then an event `end`, and the stream closes. `id` counts up from 1 without gaps, `event` is the type, `data` a `RunEvent` in one line. With `Accept: application/json`: what has happened so far.',
  request: {
    params: runParams,
    headers: lastEventId,
    query: z.object({ after: afterQuery, limit: limitQuery(longestPage, usualPage) }),
  },
  responses: {
    200: {
      description: 'The events.',
      headers: answerHeaders.requestId,
      content: {
        [eventStream]: { schema: ServerSentEvent },
        [json]: { schema: RunEventList },
      },
    },
    ...problems,
  },
});

const logsRoute = defineRoute({
  access: 'follow',
  method: 'get',
  path: '/runs/{id}/logs',
  operationId: 'read_run_logs',
  tags: ['runs'],
  summary: 'Read a run’s log',
  description:
    'The lines that the run has logged and its nodes have printed: text, one line each, of what there is so far; with `follow=true` until the run is over. As server-sent events or JSON by `Accept`, in the form of `/runs/{id}/events`.',
  request: {
    params: runParams,
    headers: lastEventId,
    query: z.object({
      follow: z.enum(['true', 'false']).optional().meta({
        description: 'Whether the text goes on until the run is over.',
      }),
      after: afterQuery,
      limit: limitQuery(longestPage, usualPage),
    }),
  },
  responses: {
    200: {
      description: 'The lines.',
      headers: answerHeaders.requestId,
      content: {
        [plain]: {
          schema: z.string().meta({
            description: 'Time, level, node and logger, message.',
            example: '2026-03-01T09:30:00.140Z INFO     [double] 3 numbers\n',
          }),
        },
        [eventStream]: { schema: ServerSentEvent },
        [json]: { schema: RunEventList },
      },
    },
    ...problems,
  },
});

/** A run's events and log lines, by then and live. */
export function createRunLogRoutes(state: ServerState) {
  const { runs, heartbeatMs } = state;

  /** Answers with texts that are made as they are read, and no longer. */
  function stream(
    { request }: Call,
    type: string,
    write: (signal: AbortSignal) => AsyncGenerator<string, void, void>,
  ): Response {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    request.signal.addEventListener('abort', stop, { once: true });
    const body = request.method === 'HEAD' ? null : createTextBody(write(abort.signal), stop);
    return new Response(body, {
      headers: {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    });
  }

  async function page(
    { request: { signal } }: Call,
    record: RunRecord,
    reading: Omit<LogReading, 'signal'>,
    limit: number,
  ): Promise<Response> {
    const { entries, nextAfter } = await readLogPage(runs, record, { ...reading, signal }, limit);
    return new Response(writeRunEventList(entries, nextAfter), {
      headers: { 'content-type': json, 'cache-control': 'no-cache' },
    });
  }

  async function events(call: Call): Promise<Response> {
    const record = await findRun(state, call, 'read');
    const reading = { afterId: readAfter(call, record) };
    const limit = readLimit(call.query, longestPage, usualPage);
    const type = preferType(call.request.headers.get('accept'), [eventStream, json]);
    if (type === json) return page(call, record, reading, limit);
    return stream(call, type, (signal) =>
      writeEventStream(runs, record, { ...reading, signal }, heartbeatMs),
    );
  }

  async function logs(call: Call): Promise<Response> {
    const record = await findRun(state, call, 'read');
    const reading = { afterId: readAfter(call, record), type: 'log' } as const;
    const isLive = readFollow(call);
    const limit = readLimit(call.query, longestPage, usualPage);
    const type = preferType(call.request.headers.get('accept'), [plain, eventStream, json]);
    if (type === json) return page(call, record, reading, limit);
    return stream(call, type, (signal) =>
      type === plain
        ? writeLogLines(runs, record, { ...reading, signal, isLive })
        : writeEventStream(runs, record, { ...reading, signal }, heartbeatMs),
    );
  }

  return joinRoutes(
    createProblemRoute(eventsRoute, state, events),
    createProblemRoute(logsRoute, state, logs),
  );
}

/** Where to go on: `?after=`, or else what a browser has seen last. */
function readAfter({ query, request }: Call, { lastEventId: last, id }: RunRecord): number {
  const name = query.has('after') ? 'after' : 'Last-Event-ID';
  const sent = query.get('after') ?? request.headers.get('last-event-id') ?? '0';
  // A browser that has seen no event may send the header without a value.
  const text = sent === '' && name !== 'after' ? '0' : sent;
  if (!/^\d{1,15}$/.test(text)) {
    throw parameterInvalid(name, `'${name}' has to be the id of an event: a whole number.`);
  }
  const afterId = Number(text);
  if (afterId <= last) return afterId;
  throw parameterInvalid(name, `Run ${id} has no event ${afterId} yet: its newest is ${last}.`);
}

function readFollow({ query }: Call): boolean {
  const text = query.get('follow') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw parameterInvalid('follow', "'follow' has to be true or false.");
}
