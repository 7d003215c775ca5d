import * as z from 'zod';
import { runStatuses } from '../run/run-record.ts';
import { ConcurrencyRequest, RunSubmissionRequest } from './run-submission-request.ts';

const runId = '0193a1f0-5b1c-7c3e-9d1a-3f1d5a0c8e11';

export const RunStatusName = z.enum(runStatuses).meta({
  id: 'RunStatusName',
  description:
    '`queued` waits, `running` and `cancelling` go on; all others are final and never change. `crashed`: what ran it died under it. `lost`: the server did.',
});

const moment = (description: string) =>
  z.iso.datetime().meta({ description: `${description}, in UTC.` });

const errorFields = {
  type: z.string().meta({ description: 'The class of the exception.' }),
  message: z.string().meta({ description: 'Its text, without credentials.' }),
};

export const RunOutputError = z
  .object(errorFields)
  .meta({ id: 'RunOutputError', description: 'Why the data of an output cannot be had.' });

export const RunOutputKind = z.enum(['json', 'table', 'array', 'text', 'reference']).meta({
  id: 'RunOutputKind',
  description:
    '`json`: the value itself. `table`: a list of records. `array`: nested lists. `text`: a text. `reference`: where data is that JSON cannot hold.',
});

export const RunOutput = z
  .object({
    name: z.string().meta({ description: 'The dataset.' }),
    kind: z.union([RunOutputKind, z.null()]).meta({ description: 'What its data is as JSON.' }),
    type: z
      .string()
      .nullable()
      .meta({ description: 'Class of the value, e.g. `pandas.DataFrame`.' }),
    bytes: z.int().min(0).meta({ description: 'Length of its JSON in UTF-8.' }),
    error: z.union([RunOutputError, z.null()]),
    data: z.unknown().optional().meta({
      description:
        'The data, in an answer that was waited for. It is also at `/runs/{id}/outputs/{name}`.',
    }),
  })
  .meta({
    id: 'RunOutput',
    description: 'An output that was asked for.',
    examples: [{ name: 'total', kind: 'json', type: 'dict', bytes: 12, error: null }],
  });

export const RunError = z
  .object({
    ...errorFields,
    node: z.string().nullable().meta({ description: 'The node that failed, where that is known.' }),
  })
  .meta({
    id: 'RunError',
    description: 'Why a run did not succeed.',
    examples: [{ type: 'ValueError', message: 'negative price', node: 'check_prices' }],
  });

export const RunProgress = z
  .object({
    nodes_total: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'Nodes that the run will execute; null until that is known.' }),
    nodes_done: z.int().min(0),
    nodes_running: z.array(z.string()),
  })
  .meta({ id: 'RunProgress', description: 'How far a run is.' });

export const RunQueue = z
  .object({
    position: z.int().min(1).meta({ description: '1 is next.' }),
    waits_for: z.array(z.string()).nullable().meta({
      description:
        'Runs that are ahead of it and have its concurrency key or are at its datasets: at most twenty, and none of other owners. Null when it waits for a free place.',
    }),
    datasets: z.array(z.string()).meta({
      description: 'Datasets of its own that runs ahead of it write, or read while it would write.',
    }),
  })
  .meta({ id: 'RunQueue', description: 'Where a run that waits stands.' });

export const RunRequestShown = z
  .object({
    ...RunSubmissionRequest.omit({ labels: true }).shape,
    params: z.record(z.string(), z.unknown()).nullable().meta({
      description: 'As it was sent, but with `***` for what looks like a secret.',
    }),
    inputs: z.array(z.string()).meta({ description: 'Datasets that data was sent for.' }),
    concurrency: z.union([ConcurrencyRequest, z.null()]),
    callback: z
      .union([z.object({ url: z.string() }), z.null()])
      .meta({ description: 'Without its secret.' }),
  })
  .meta({ id: 'RunRequestShown', description: 'What was asked for, without secrets and data.' });

export const RunLinks = z
  .object({
    self: z.string(),
    events: z.string(),
    logs: z.string(),
    outputs: z.record(z.string(), z.string()).meta({ description: 'Each output that can be had.' }),
    cancel: z.string().optional().meta({ description: 'Until it has ended.' }),
    retry: z.string().optional().meta({ description: 'Once it has ended.' }),
    retry_of: z.string().optional(),
  })
  .meta({ id: 'RunLinks', description: 'Paths of this server.' });

const exampleRun = {
  id: runId,
  save_version: '2026-03-01T09.30.00.125Z',
  status: 'succeeded' as const,
  request: {
    pipeline_names: ['__default__'],
    params: { factor: 3, api_token: '***' },
    inputs: ['numbers'],
    outputs: ['total'],
    is_async: false,
    only_missing_outputs: false,
    priority: 0,
    concurrency: null,
    callback: null,
  },
  labels: { team: 'pricing' },
  created_at: '2026-03-01T09:30:00.125Z',
  started_at: '2026-03-01T09:30:00.131Z',
  ended_at: '2026-03-01T09:30:00.412Z',
  duration_ms: 280.51,
  progress: { nodes_total: 2, nodes_done: 2, nodes_running: [] },
  queue: null,
  error: null,
  outputs: [{ name: 'total', kind: 'json' as const, type: 'dict', bytes: 12, error: null }],
  attempt: 1,
  retry_of: null,
  request_id: '7f3c2b9a-6c1f-4f0e-8f61-0d8f3a1f6a55',
  trace_id: null,
  last_event_id: 12,
  links: {
    self: `/runs/${runId}`,
    events: `/runs/${runId}/events`,
    logs: `/runs/${runId}/logs`,
    outputs: { total: `/runs/${runId}/outputs/total` },
    retry: `/runs/${runId}/retry`,
  },
};

export const Run = z
  .object({
    id: z.string().meta({ description: 'A UUID; later runs have greater ones.' }),
    save_version: z.string().meta({
      description: 'The id that Kedro knows the run by, under which it saves versioned datasets.',
    }),
    status: RunStatusName,
    request: RunRequestShown,
    labels: z.record(z.string(), z.string()),
    created_at: moment('When it was accepted'),
    started_at: moment('When it began').nullable(),
    ended_at: moment('When it ended').nullable(),
    duration_ms: z.number().min(0).nullable().meta({ description: 'How long the pipeline ran.' }),
    progress: RunProgress,
    queue: z.union([RunQueue, z.null()]).meta({ description: 'Null when it does not wait.' }),
    error: z
      .union([RunError, z.null()])
      .meta({ description: 'Null unless it ended otherwise than succeeded.' }),
    outputs: z.array(RunOutput).meta({ description: 'Outputs that were asked for and are there.' }),
    attempt: z.int().min(1).meta({ description: '1, and one more with each retry.' }),
    retry_of: z.string().nullable().meta({ description: 'The run that this one repeats.' }),
    request_id: z.string().nullable().meta({ description: '`X-Request-Id` of the request.' }),
    trace_id: z.string().nullable().meta({
      description:
        'The trace that it is part of: that of `traceparent`, or one of its own where traces are made.',
    }),
    last_event_id: z.int().min(0).meta({ description: 'Id of its newest event.' }),
    links: RunLinks,
  })
  .meta({ id: 'Run', description: 'A run as it is at one moment.', examples: [exampleRun] });

export type Run = z.infer<typeof Run>;

export const RunList = z
  .object({
    data: z.array(Run).meta({ description: 'Newest first.' }),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Gives the next page as `?cursor=`; null on the last.' }),
  })
  .meta({
    id: 'RunList',
    description: 'A page of runs.',
    examples: [{ data: [exampleRun], next_cursor: null }],
  });

export type RunList = z.infer<typeof RunList>;
