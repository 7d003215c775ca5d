import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { DatasetLoaded, DatasetSaved, NodeStarted, RunError } from '../executor/run-event.ts';
import type { RunFinished, RunLogEvent } from './run-log-entry.ts';
import type { RunRecord } from './run-record.ts';
import type { RunTrace, RunTracer } from './run-trace.ts';

export type { RunTrace, RunTracer } from './run-trace.ts';

export interface RunTracerOptions {
  /** Default: the one of OpenTelemetry's global provider, which does nothing without an SDK. */
  readonly tracer?: Tracer | undefined;
}

/**
 * Makes OpenTelemetry spans of runs, of their nodes, and of the datasets that these load and save.
 * A run's span belongs to the trace that its caller sent as `traceparent`. Parameters and data are
 * in no span.
 */
export function createRunTracer({
  tracer = trace.getTracer('kedro-server'),
}: RunTracerOptions = {}): RunTracer {
  return { begin: (run) => new SpanningTrace(tracer, run) };
}

class SpanningTrace implements RunTrace {
  readonly traceparent: string | null;
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  readonly #nodes = new Map<string, Span>();
  /** Milliseconds since 1970 at which the events' clock began. */
  #startedAtMs = Date.now();

  constructor(tracer: Tracer, run: RunRecord) {
    const { traceparent } = run.submission;
    const parent = parseTraceparent(traceparent);
    const parentContext =
      parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const name = `run ${pipelineNamesOf(run).join(', ')}`;
    const options = { startTime: this.#startedAtMs, attributes: attributesOf(run) };
    this.#tracer = tracer;
    this.#span = tracer.startSpan(name, options, parentContext);
    this.#context = trace.setSpan(parentContext, this.#span);
    this.traceparent = writeTraceparent(this.#span.spanContext()) ?? traceparent;
  }

  take(event: RunLogEvent): void {
    switch (event.type) {
      case 'run.started':
        this.#startedAtMs = Date.now();
        break;
      case 'run.planned':
        this.#span.setAttribute('kedro.run.nodes_total', event.nodes.length);
        break;
      case 'run.cancelling':
        this.#span.addEvent('kedro.run.cancelling', { 'kedro.run.reason': event.reason });
        break;
      case 'node.started':
        this.#startNode(event);
        break;
      case 'node.finished':
        this.#nodes.get(event.node)?.end(this.#at(event.elapsedMs));
        this.#nodes.delete(event.node);
        break;
      case 'node.failed':
        this.#failNode(event.node, event.error, this.#at(event.elapsedMs));
        break;
      case 'dataset.loaded':
      case 'dataset.saved':
        this.#addDataset(event);
        break;
      case 'run.ended':
        this.#end(event);
        break;
      case 'run.queued':
      case 'output.ready':
      case 'output.failed':
      case 'log':
        break;
    }
  }

  #at(elapsedMs: number): number {
    return this.#startedAtMs + elapsedMs;
  }

  #startNode({ node, elapsedMs }: NodeStarted): void {
    const attributes = { 'kedro.node.name': node };
    const options = { startTime: this.#at(elapsedMs), attributes };
    this.#nodes.set(node, this.#tracer.startSpan(`node ${node}`, options, this.#context));
  }

  #failNode(node: string, error: RunError, atMs: number): void {
    const span = this.#nodes.get(node);
    if (span === undefined) return;
    this.#nodes.delete(node);
    recordError(span, error, atMs);
    span.end(atMs);
  }

  #addDataset({ type, dataset, node, elapsedMs, durationMs }: DatasetLoaded | DatasetSaved): void {
    const parent = this.#nodes.get(node);
    const context = parent === undefined ? this.#context : trace.setSpan(this.#context, parent);
    const verb = type === 'dataset.loaded' ? 'load' : 'save';
    const attributes = {
      'kedro.dataset.name': dataset,
      'kedro.dataset.operation': verb,
      'kedro.node.name': node,
    };
    const startTime = this.#at(Math.max(0, elapsedMs - durationMs));
    const options = { startTime, attributes };
    this.#tracer.startSpan(`${verb} ${dataset}`, options, context).end(this.#at(elapsedMs));
  }

  #end({ status, elapsedMs, error }: RunFinished): void {
    const atMs = Math.max(Date.now(), this.#at(elapsedMs));
    // What was running when its process died has told no end of its own.
    const cause = error ?? { type: 'NodeUnfinished', message: 'The run ended before the node.' };
    for (const node of this.#nodes.keys()) this.#failNode(node, cause, atMs);
    this.#span.setAttribute('kedro.run.status', status);
    if (error !== null && status !== 'cancelled') {
      recordError(this.#span, error, atMs);
      if (error.node !== null) this.#span.setAttribute('kedro.node.name', error.node);
    }
    this.#span.end(atMs);
  }
}

function pipelineNamesOf({ submission }: RunRecord): string[] {
  const names = submission.order.pipelineNames ?? [];
  return names.length > 0 ? [...names] : ['__default__'];
}

function attributesOf(run: RunRecord): Attributes {
  const { id, saveVersion, submission, createdAtMs } = run;
  const { order, attempt, retryOf, requestId } = submission;
  return {
    'kedro.run.id': id,
    'kedro.run.save_version': saveVersion,
    'kedro.run.attempt': attempt,
    'kedro.run.queued_ms': Math.max(0, Date.now() - createdAtMs),
    'kedro.pipeline.names': pipelineNamesOf(run),
    'kedro.runner.name': order.runner ?? 'SequentialRunner',
    ...(retryOf !== null && { 'kedro.run.retry_of': retryOf }),
    ...(requestId !== null && { 'kedro.request.id': requestId }),
  };
}

/** As the semantic conventions have it: https://opentelemetry.io/docs/specs/semconv/general/recording-errors/ */
function recordError(span: Span, { type, message }: RunError, atMs: number): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.addEvent('exception', { 'exception.type': type, 'exception.message': message }, atMs);
}

function parseTraceparent(text: string | null): SpanContext | null {
  const [, traceId = '', spanId = '', flags = ''] = text?.split('-') ?? [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : null;
}

function writeTraceparent(context: SpanContext): string | null {
  if (!isSpanContextValid(context)) return null;
  const flags = context.traceFlags.toString(16).padStart(2, '0');
  return `00-${context.traceId}-${context.spanId}-${flags}`;
}
