import * as z from 'zod';
import { RunError, RunOutputError, RunOutputKind } from './run-resource.ts';

const entry = {
  id: z.int().min(1).meta({ description: 'Counts up from 1 within the run, without gaps.' }),
  at: z.iso.datetime().meta({ description: 'When it happened, in UTC.' }),
};

const elapsed = {
  ...entry,
  elapsed_ms: z.number().min(0).meta({ description: 'Milliseconds since the run began.' }),
};

const node = z.string().meta({ description: 'Name of the node.' });
const dataset = z.string().meta({ description: 'Name of the dataset.' });
const durationMs = z.number().min(0);

const QueuedEvent = z
  .object({ ...entry, type: z.literal('run.queued') })
  .meta({ id: 'RunQueuedEvent', description: 'The run has been accepted.' });

const StartedEvent = z
  .object({ ...elapsed, type: z.literal('run.started') })
  .meta({ id: 'RunStartedEvent', description: 'The run has begun.' });

const PlannedEvent = z
  .object({ ...elapsed, type: z.literal('run.planned'), nodes: z.array(node) })
  .meta({ id: 'RunPlannedEvent', description: 'The nodes that will be executed, in order.' });

const CancellingEvent = z
  .object({ ...entry, type: z.literal('run.cancelling'), reason: z.string() })
  .meta({ id: 'RunCancellingEvent', description: 'The run has been asked to stop.' });

const NodeStartedEvent = z
  .object({ ...elapsed, type: z.literal('node.started'), node })
  .meta({ id: 'NodeStartedEvent', description: 'A node has begun.' });

const NodeFinishedEvent = z
  .object({ ...elapsed, type: z.literal('node.finished'), node, duration_ms: durationMs })
  .meta({ id: 'NodeFinishedEvent', description: 'A node has run and its outputs are saved.' });

const NodeFailedEvent = z
  .object({ ...elapsed, type: z.literal('node.failed'), node, error: RunOutputError })
  .meta({ id: 'NodeFailedEvent', description: 'A node has failed.' });

const DatasetEvent = z
  .object({
    ...elapsed,
    type: z.enum(['dataset.loaded', 'dataset.saved']),
    dataset,
    node,
    duration_ms: durationMs,
  })
  .meta({ id: 'DatasetEvent', description: 'A node’s dataset has been loaded or saved.' });

const LogEvent = z
  .object({
    ...elapsed,
    type: z.literal('log'),
    level: z.enum(['debug', 'info', 'warning', 'error', 'critical']),
    logger: z.string().nullable().meta({ description: 'Null for what was printed.' }),
    source: z.enum(['logging', 'stdout', 'stderr', 'output']),
    message: z.string(),
    node: node.nullable(),
  })
  .meta({ id: 'RunLogEvent', description: 'A line that the run has logged or printed.' });

const OutputReadyEvent = z
  .object({
    ...elapsed,
    type: z.literal('output.ready'),
    output: dataset,
    kind: RunOutputKind,
    data_type: z.string().meta({ description: 'Class of the value.' }),
    bytes: z.int().min(0),
  })
  .meta({ id: 'OutputReadyEvent', description: 'The data of an output can be had.' });

const OutputFailedEvent = z
  .object({ ...elapsed, type: z.literal('output.failed'), output: dataset, error: RunOutputError })
  .meta({ id: 'OutputFailedEvent', description: 'The data of an output cannot be had.' });

const EndedEvent = z
  .object({
    ...elapsed,
    type: z.literal('run.ended'),
    status: z.enum(['succeeded', 'failed', 'cancelled', 'timed_out', 'crashed', 'lost']),
    duration_ms: durationMs,
    error: z.union([RunError, z.null()]),
  })
  .meta({ id: 'RunEndedEvent', description: 'The run is over: the last event of every run.' });

export const RunEvent = z
  .discriminatedUnion('type', [
    QueuedEvent,
    StartedEvent,
    PlannedEvent,
    CancellingEvent,
    NodeStartedEvent,
    NodeFinishedEvent,
    NodeFailedEvent,
    DatasetEvent,
    LogEvent,
    OutputReadyEvent,
    OutputFailedEvent,
    EndedEvent,
  ])
  .meta({
    id: 'RunEvent',
    description: 'Something that happened in a run; `type` tells what.',
    examples: [
      {
        id: 5,
        at: '2026-03-01T09:30:00.140Z',
        type: 'node.finished',
        elapsed_ms: 8.71,
        node: 'double',
        duration_ms: 3.2,
      },
    ],
  });

export const RunEventList = z
  .object({
    data: z.array(RunEvent).meta({ description: 'Oldest first.' }),
    next_after: z.int().nullable().meta({
      description: 'Gives what follows as `?after=`; null when the run is over and this was all.',
    }),
  })
  .meta({
    id: 'RunEventList',
    description: 'Events of a run.',
    examples: [
      {
        data: [{ id: 1, at: '2026-03-01T09:30:00.125Z', type: 'run.queued' }],
        next_after: 1,
      },
    ],
  });

export const ServerSentEvent = z
  .object({
    id: z.string().optional().meta({ description: 'Id of the event; `end` has none.' }),
    event: z.string().optional().meta({ description: 'Type of the event, or `end`.' }),
    data: z.string().optional().meta({
      description: 'A `RunEvent` as JSON in one line; of `end` the run’s status.',
      contentMediaType: 'application/json',
    }),
    retry: z.int().optional().meta({ description: 'Milliseconds before coming again.' }),
  })
  .meta({
    id: 'ServerSentEvent',
    description: 'One of the events in a stream.',
    examples: [{ id: '1', event: 'run.queued', data: '{"id":1,"type":"run.queued"}' }],
  });

export type RunEventList = z.infer<typeof RunEventList>;
export type RunEvent = z.infer<typeof RunEvent>;
