import { type OutputInfo, type RunRecord, type RunSubmission, isFinal } from '../run/run-record.ts';
import { redactUrls } from '../redact/redact-url.ts';
import { writeMasked } from './mask-secrets.ts';
import { parsePythonJson } from './parse-python-json.ts';
import { JsonText, writeObject } from './write-json.ts';

/** Where a run that waits stands. */
export interface ShownPlace {
  readonly position: number;
  readonly waitsFor: readonly string[] | null;
  readonly datasets: readonly string[];
}

export interface RunContext {
  /** Path of the list of runs, as the caller reaches it. */
  readonly runsPath: string;
  readonly place: ShownPlace | null;
  /** JSON of outputs, by name; those that are not in it are shown without their data. */
  readonly data?: ReadonlyMap<string, string> | undefined;
}

const requests = new WeakMap<RunSubmission, JsonText>();

/** Writes a run as it is shown to callers: a `Run`, without secrets. */
export function writeRun(record: RunRecord, context: RunContext): string {
  const { submission } = record;
  const { runsPath, place, data } = context;
  return writeObject({
    id: record.id,
    save_version: record.saveVersion,
    status: record.status,
    request: toRequest(submission),
    labels: submission.labels,
    created_at: toIso(record.createdAtMs),
    started_at: toIso(record.startedAtMs),
    ended_at: toIso(record.endedAtMs),
    duration_ms: record.durationMs,
    progress: {
      nodes_total: record.nodesTotal,
      nodes_done: record.nodesDone,
      nodes_running: record.nodesRunning,
    },
    queue:
      place === null
        ? null
        : { position: place.position, waits_for: place.waitsFor, datasets: place.datasets },
    error:
      record.error === null
        ? null
        : { type: record.error.type, message: record.error.message, node: record.error.node },
    outputs: new JsonText(
      `[${record.outputs.map((output) => writeOutput(output, data)).join(',')}]`,
    ),
    attempt: submission.attempt,
    retry_of: submission.retryOf,
    request_id: submission.requestId,
    trace_id: traceIdOf(record.traceparent),
    last_event_id: record.lastEventId,
    links: toLinks(record, runsPath),
  });
}

function writeOutput(
  { name, kind, dataType, bytes, error }: OutputInfo,
  data: RunContext['data'],
): string {
  const json = data?.get(name);
  return writeObject({
    name,
    kind,
    type: dataType,
    bytes,
    error: error === null ? null : { type: error.type, message: error.message },
    data: json === undefined ? undefined : new JsonText(json),
  });
}

export function writeRunList(runs: readonly string[], nextCursor: string | null): string {
  return `{"data":[${runs.join(',')}],"next_cursor":${JSON.stringify(nextCursor)}}`;
}

/** The trace that a W3C `traceparent` belongs to. */
export function traceIdOf(traceparent: string | null): string | null {
  return traceparent?.split('-')[1] ?? null;
}

/** The same for every state of a run, and long where its parameters are. */
function toRequest(submission: RunSubmission): JsonText {
  const known = requests.get(submission);
  if (known !== undefined) return known;
  const { order, callback, concurrency } = submission;
  const { paramsJson } = order;
  const written = new JsonText(
    writeObject({
      from_inputs: order.fromInputs,
      to_outputs: order.toOutputs,
      from_nodes: order.fromNodes,
      to_nodes: order.toNodes,
      node_names: order.nodeNames,
      runner: order.runner,
      is_async: order.isAsync,
      tags: order.tags,
      load_versions: order.loadVersions,
      pipeline_names: order.pipelineNames,
      namespaces: order.namespaces,
      params:
        paramsJson === null ? null : new JsonText(writeMasked(parsePythonJson(paramsJson).value)),
      only_missing_outputs: order.onlyMissingOutputs,
      inputs: submission.inputNames,
      input_kinds: order.inputKinds ?? null,
      outputs: order.outputs ?? null,
      timeout_ms: submission.timeoutMs,
      priority: submission.priority,
      concurrency:
        concurrency === null
          ? null
          : { key: concurrency.key, limit: concurrency.limit, on_conflict: concurrency.onConflict },
      overlap: submission.overlap ?? null,
      callback: callback === null ? null : { url: redactUrls(callback.url) },
    }),
  );
  requests.set(submission, written);
  return written;
}

function toLinks(record: RunRecord, runsPath: string): object {
  const self = `${runsPath}/${record.id}`;
  const outputs = record.outputs.flatMap(({ name, error }) =>
    error === null ? [[name, `${self}/outputs/${encodeURIComponent(name)}`] as const] : [],
  );
  const ended = isFinal(record.status);
  const { retryOf } = record.submission;
  return {
    self,
    events: `${self}/events`,
    logs: `${self}/logs`,
    outputs: Object.fromEntries(outputs),
    cancel: ended ? undefined : `${self}/cancel`,
    retry: ended ? `${self}/retry` : undefined,
    retry_of: retryOf === null ? undefined : `${runsPath}/${retryOf}`,
  };
}

/** `atMs` is in milliseconds since 1970. */
export function toIso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
