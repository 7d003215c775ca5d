import * as z from 'zod';
import { KedroServerError } from '../errors.ts';

/** Version of the messages below; `python/kedro_server_worker/__init__.py` holds the same number. */
export const protocolVersion = 1;

const failure = z.object({ type: z.string(), message: z.string(), traceback: z.string() });

const project = z.object({
  projectName: z.coerce.string(),
  packageName: z.string(),
  kedroVersion: z.string(),
  runners: z.array(z.string()),
});

const runError = z.object({ type: z.string(), message: z.string() });
const elapsedMs = z.number().nonnegative();
const durationMs = z.number().nonnegative();
const node = z.string();
const dataset = z.string();
const output = z.string();

const runEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run.started'), elapsedMs }),
  z.object({ type: z.literal('run.planned'), elapsedMs, nodes: z.array(node) }),
  z.object({ type: z.literal('node.started'), elapsedMs, node }),
  z.object({ type: z.literal('node.finished'), elapsedMs, node, durationMs }),
  z.object({ type: z.literal('node.failed'), elapsedMs, node, error: runError }),
  z.object({ type: z.literal('dataset.loaded'), elapsedMs, dataset, node, durationMs }),
  z.object({ type: z.literal('dataset.saved'), elapsedMs, dataset, node, durationMs }),
  z.object({
    type: z.literal('log'),
    elapsedMs,
    level: z.enum(['debug', 'info', 'warning', 'error', 'critical']),
    logger: z.string().nullable(),
    source: z.enum(['logging', 'stdout', 'stderr', 'output']),
    message: z.string(),
    node: z.string().nullable(),
  }),
  z.object({
    type: z.literal('output.ready'),
    elapsedMs,
    output,
    kind: z.enum(['json', 'table', 'array', 'text', 'reference']),
    dataType: z.string(),
    json: z.string(),
  }),
  z.object({ type: z.literal('output.failed'), elapsedMs, output, error: runError }),
  z.object({
    type: z.literal('run.ended'),
    elapsedMs,
    status: z.enum(['succeeded', 'failed']),
    durationMs,
    error: runError.nullable(),
  }),
]);

const nodeSnapshot = z.object({
  name: z.string(),
  func_name: z.string(),
  namespace: z.string().nullable(),
  tags: z.array(z.string()),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  source: z
    .object({ filepath: z.string(), line_start: z.number(), line_end: z.number() })
    .nullable(),
});

/** The project as Kedro's inspection writes it. */
const snapshot = z.object({
  metadata: z.object({
    // What stands in pyproject.toml where a text belongs need not be one.
    project_name: z.coerce.string(),
    package_name: z.coerce.string(),
    kedro_version: z.coerce.string(),
  }),
  pipelines: z.array(
    z.object({
      name: z.string(),
      nodes: z.array(nodeSnapshot),
      inputs: z.array(z.string()),
      outputs: z.array(z.string()),
    }),
  ),
  datasets: z.record(
    z.string(),
    z.object({ name: z.string(), type: z.json(), filepath: z.json() }),
  ),
  parameters: z.array(z.string()),
});

/** What a run would read and write, and the catalog entries of it that are not in memory. */
const used = z.object({
  reads: z.array(z.string()),
  writes: z.array(z.string()),
  entries: z.record(z.string(), z.record(z.string(), z.json())),
  dependsOnParams: z.boolean(),
});

const hello = z.discriminatedUnion('role', [
  z.object({
    type: z.literal('hello'),
    role: z.literal('supervisor'),
    protocol: z.literal(protocolVersion),
    python: z.string(),
    kedro: z.string().nullable(),
  }),
  z.object({
    type: z.literal('hello'),
    role: z.literal('worker'),
    protocol: z.literal(protocolVersion),
    worker: z.int(),
    pid: z.int().positive(),
  }),
  z.object({
    type: z.literal('hello'),
    role: z.literal('lifeline'),
    protocol: z.literal(protocolVersion),
  }),
]);

const supervisorMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded'), threads: z.array(z.string()) }),
  z.object({ type: z.literal('failed'), error: failure }),
  z.object({ type: z.literal('started'), worker: z.int(), pid: z.int().positive() }),
  z.object({
    type: z.literal('ended'),
    worker: z.int(),
    code: z.int(),
    peakBytes: z.number(),
    output: z.string(),
  }),
  z.object({ type: z.literal('cut'), worker: z.int(), bytes: z.number() }),
]);

const workerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), project, broken: failure.nullable() }),
  z.object({ type: z.literal('failed'), error: failure }),
  z.object({ type: z.literal('heartbeat'), rss: z.number() }),
  z.object({ type: z.literal('events'), run: z.int(), events: z.array(runEvent) }),
  /** The next of an output's JSON, whose end comes with its event. */
  z.object({ type: z.literal('part'), run: z.int(), text: z.string() }),
  z.object({ type: z.literal('idle'), rss: z.number() }),
  z.object({
    type: z.literal('snapshot'),
    request: z.int(),
    snapshot: snapshot.optional(),
    kept: z.string().nullable().optional(),
    error: failure.optional(),
  }),
  z.object({
    type: z.literal('used'),
    request: z.int(),
    used: used.optional(),
    kept: z.string().nullable().optional(),
    error: failure.optional(),
  }),
]);

export type Hello = z.infer<typeof hello>;
export type SupervisorMessage = z.infer<typeof supervisorMessage>;
export type WorkerMessage = z.infer<typeof workerMessage>;
export type WireSnapshot = z.infer<typeof snapshot>;
export type Failure = z.infer<typeof failure>;
export type UsedAnswer = Extract<WorkerMessage, { type: 'used' }>;
export type SnapshotAnswer = Extract<WorkerMessage, { type: 'snapshot' }>;

function createParser<T>(schema: z.ZodType<T>): (message: unknown) => T {
  return (message) => {
    const parsed = schema.safeParse(message);
    if (parsed.success) return parsed.data;
    throw new KedroServerError(
      'protocol-violation',
      `A worker sent a message that the protocol does not know: ${z.prettifyError(parsed.error)}`,
    );
  };
}

/** Each throws `protocol-violation` for what is not such a message. */
export const parseHello = createParser<Hello>(hello);
export const parseSupervisorMessage = createParser<SupervisorMessage>(supervisorMessage);
export const parseWorkerMessage = createParser<WorkerMessage>(workerMessage);
