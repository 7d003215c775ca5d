import { ProjectError } from '../errors.ts';
import type { Project, SessionEvent } from '../project/project.ts';
import { hidden, KeyLines } from '../redact/hide-secrets.ts';
import type { KnownSecrets } from '../redact/known-secrets.ts';
import type { Redactor } from '../redact/redactor.ts';
import { secretsOfParamsJson } from '../redact/secret-values.ts';
import { createEventQueue } from './event-queue.ts';
import { createOutputTally, type OutputTally } from './output-tally.ts';
import type { RunEnded, RunError, RunEvent } from './run-event.ts';
import type { RunOrder } from './run-order.ts';

const builtInErrors = new Set([
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]);

export interface NativeRunOptions {
  readonly cancelGraceMs: number;
  /** UTF-8 bytes of JSON above which an output is not told. */
  readonly maxOutputBytes: number;
  /** UTF-16 units of log that the run may write before the rest is cut. */
  readonly maxLogLength: number;
}

/** One run in this process. */
export interface NativeRun {
  /** For one reader; the run does not wait for it. */
  readonly events: AsyncIterable<RunEvent>;
  /** Resolves when the run has ended. */
  readonly done: Promise<void>;
  cancel(reason: string): void;
}

/** Class and redacted message. A class that gives its errors no name is known by its own. */
export function toRunError(error: unknown, { message: redact }: Redactor): RunError {
  if (!(error instanceof Error)) return { type: 'Error', message: redact(String(error)) };
  const message: unknown = error.message;
  return { type: typeOf(error), message: redact(String(message)) };
}

function typeOf(error: Error): string {
  if (error instanceof ProjectError) return error.type;
  if (Object.hasOwn(error, 'name') || !builtInErrors.has(error.name)) return error.name;
  return error.constructor.name === '' ? error.name : error.constructor.name;
}

/** Turns what a session tells into a run's events, with their times. */
class EventWriter {
  readonly queue = createEventQueue<RunEvent>();
  readonly #startedAt = performance.now();
  #logLeft: number;
  readonly #outputs: OutputTally;
  readonly #secrets: KnownSecrets;
  readonly #keyLines = new KeyLines();
  #linesCut = 0;

  constructor(maxLogLength: number, order: RunOrder, secrets: KnownSecrets) {
    this.#secrets = secrets;
    this.#outputs = createOutputTally(order);
    this.#logLeft = maxLogLength;
    this.queue.push({ type: 'run.started', elapsedMs: 0 });
  }

  write(event: SessionEvent): void {
    const elapsedMs = this.#elapsedMs();
    switch (event.type) {
      case 'node.failed':
        this.queue.push({ ...event, error: this.#describe(event.error), elapsedMs });
        break;
      case 'node.finished':
      case 'dataset.loaded':
      case 'dataset.saved':
        this.queue.push({ ...event, durationMs: toMicroseconds(event.durationMs), elapsedMs });
        break;
      case 'log':
        this.#logLeft -= event.message.length;
        if (this.#logLeft < 0) this.#linesCut += 1;
        else this.queue.push({ ...event, message: this.#redactLine(event.message), elapsedMs });
        break;
      case 'output.ready':
        if (this.#outputs.take(event.output)) this.queue.push({ ...event, elapsedMs });
        break;
      case 'output.failed':
        if (this.#outputs.take(event.output)) {
          this.queue.push({ ...event, error: this.#describe(event.error), elapsedMs });
        }
        break;
      case 'run.planned':
      case 'node.started':
        this.queue.push({ ...event, elapsedMs });
        break;
    }
  }

  end(status: RunEnded['status'], error: RunError | null): void {
    const elapsedMs = this.#elapsedMs();
    if (this.#linesCut > 0) {
      this.queue.push({
        type: 'log',
        elapsedMs,
        level: 'warning',
        logger: null,
        source: 'output',
        message: `${this.#linesCut} lines of the run's log were cut: it wrote more than is kept`,
        node: null,
      });
    }
    for (const failed of this.#outputs.rest(elapsedMs)) this.queue.push(failed);
    this.queue.push({ type: 'run.ended', elapsedMs, durationMs: elapsedMs, status, error });
    this.queue.end();
  }

  #describe(error: unknown): RunError {
    return toRunError(error, this.#secrets.redactor);
  }

  #redactLine(line: string): string {
    return this.#keyLines.take(line) ? hidden : this.#secrets.redactor.line(line);
  }

  #elapsedMs(): number {
    return toMicroseconds(performance.now() - this.#startedAt);
  }
}

function toMicroseconds(milliseconds: number): number {
  return Math.floor(milliseconds * 1000) / 1000;
}

/** Starts a run, whether its events are read or not. */
export function startNativeRun(
  project: Project,
  order: RunOrder,
  { cancelGraceMs, maxLogLength, maxOutputBytes }: NativeRunOptions,
  known: KnownSecrets,
): NativeRun {
  const abort = new AbortController();
  const own = secretsOfParamsJson(order.paramsJson);
  const secrets = own.size === 0 ? known : known.with(own);
  const writer = new EventWriter(maxLogLength, order, secrets);

  const run = async (): Promise<void> => {
    try {
      await project.run(order, {
        signal: abort.signal,
        cancelGraceMs,
        maxOutputBytes,
        onEvent: (event) => writer.write(event),
        onCredentials: (credentials) => secrets.addCredentials(credentials),
      });
      writer.end('succeeded', null);
    } catch (error) {
      const described = toRunError(error, secrets.redactor);
      if (!abort.signal.aborted) writer.end('failed', described);
      else if (described.type === 'RunCancelled') writer.end('cancelled', described);
      else {
        const message = `The run was cancelled; then: ${described.message}`;
        writer.end('cancelled', { type: 'RunCancelled', message });
      }
    }
  };

  return {
    events: writer.queue,
    done: run(),
    cancel: (reason) => abort.abort(reason),
  };
}
