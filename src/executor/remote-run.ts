import { followRun } from '../client/follow-run.ts';
import { ProblemError } from '../client/problem-error.ts';
import type { Sender } from '../client/sender.ts';
import { ServerUnreachable } from '../client/server-unreachable.ts';
import { type AcceptedRun, parseAcceptedRun } from '../contract/parse-answer.ts';
import { parseRunEvent } from '../contract/parse-run-event.ts';
import { writeRunSubmission } from '../contract/write-run-submission.ts';
import { RemoteError } from '../errors.ts';
import { type RemoteRun, RemoteEvents } from './remote-events.ts';
import { describeRefusal, toRemoteError } from './remote-link.ts';
import type { RunOrder } from './run-order.ts';

export interface RemoteRunLimits {
  /** How long an answer that is no stream may take. */
  readonly answerWithinMs: number;
  /** How long a submission is tried when the server is full, stopping or silent. */
  readonly submitForMs: number;
  /** How long a run that has begun is looked for when its server is not there. */
  readonly lostAfterMs: number;
  /** Silence after which a stream counts as dead. */
  readonly silenceMs: number;
}

type RunEvent = NonNullable<ReturnType<typeof parseRunEvent>>;
type Told<Type> = Extract<RunEvent, { type: Type }>;

/** What the request of a run says of the whole that it is part of. */
export function traceHeadersOf({ traceparent, requestId }: RunOrder): Record<string, string> {
  return {
    ...(typeof traceparent === 'string' && { traceparent }),
    ...(typeof requestId === 'string' && { 'x-request-id': requestId }),
  };
}

/** Runs an order on another kedro-server: submits it once, and follows it to its end. */
export function startRemoteRun(link: Sender, order: RunOrder, limits: RemoteRunLimits): RemoteRun {
  const { base } = link;
  const { answerWithinMs, submitForMs, lostAfterMs, silenceMs } = limits;
  const events = new RemoteEvents(order);
  const cancelled = new AbortController();
  const over = new AbortController();
  void events.ended.promise.then(() => over.abort());
  const call = { retryForMs: lostAfterMs, answerWithinMs, signal: over.signal };

  async function submit(): Promise<AcceptedRun> {
    const { text } = await link.send('/runs', {
      method: 'POST',
      // The same key with each attempt: the run is begun once, however often it is sent.
      headers: { 'idempotency-key': crypto.randomUUID(), ...traceHeadersOf(order) },
      body: writeRunSubmission(order),
      patience: cancelled.signal,
      retryForMs: submitForMs,
      answerWithinMs,
    });
    const accepted = parseAcceptedRun(text);
    if (accepted !== null) return accepted;
    throw new RemoteError(
      'remote-refused',
      `${base} answered POST /runs with something that is no run.`,
    );
  }

  async function askToStop(id: string): Promise<void> {
    try {
      // What was given up here is asked once, and not waited for.
      const tries = events.isOver ? { answerWithinMs, retryForMs: 0 } : call;
      await link.send(`/runs/${id}/cancel`, { ...tries, method: 'POST' });
    } catch (error) {
      if (events.isOver || (error instanceof ProblemError && error.code === 'run-ended')) return;
      const { message } = toRemoteError(base, error);
      events.note('warning', `The run could not be cancelled: ${message}`);
    }
  }

  async function pushOutput(id: string, event: Told<'output.ready'>): Promise<void> {
    const { type, elapsedMs, output, kind, dataType } = event;
    try {
      const path = `/runs/${id}/outputs/${encodeURIComponent(output)}`;
      const { text: json } = await link.send(path, call);
      events.push({ type, elapsedMs, output, kind, dataType, json });
    } catch (error) {
      const { name, message } = toRemoteError(base, error);
      events.push({
        type: 'output.failed',
        elapsedMs,
        output,
        error: { type: name, message: `The data of '${output}' could not be fetched: ${message}` },
      });
    }
  }

  async function take(id: string, event: RunEvent): Promise<void> {
    if (event.type === 'run.queued' || event.type === 'run.cancelling') return;
    if (event.type === 'run.ended') endAsTold(event);
    else if (event.type === 'output.ready') await pushOutput(id, event);
    else events.push(event);
  }

  function endAsTold({ status, error, elapsedMs, durationMs }: Told<'run.ended'>): void {
    const told = error && { type: error.type, message: error.message };
    const here = { timed_out: 'failed', lost: 'crashed' } as const;
    const known = status === 'timed_out' || status === 'lost' ? here[status] : status;
    events.end(known, told, elapsedMs, durationMs);
  }

  async function follow({ id, saveVersion, position }: AcceptedRun): Promise<void> {
    if (position !== null) {
      events.note('info', `The run waits at place ${position} in the queue of ${base}`);
    }
    const wire = followRun(
      link,
      `/runs/${id}/events`,
      { silenceMs, reconnectForMs: lostAfterMs },
      { signal: over.signal },
    );
    for await (const told of wire) {
      const event = parseRunEvent(told);
      if (event === null) continue;
      await take(id, event);
      if (event.type === 'run.started') {
        events.note('info', `It is run ${id} of ${base}, and saves version ${saveVersion}`);
      }
    }
    events.endHere('crashed', 'RunLost', `${base} closed the log of run ${id} before its end.`);
  }

  function endRefused(error: unknown): void {
    if (cancelled.signal.aborted && error === cancelled.signal.reason) {
      events.endHere('cancelled', 'RunCancelled', 'The run was cancelled before it began.');
    } else if (error instanceof ProblemError && error.status === 422) {
      // That the project has no such thing is found out by running, for other executors.
      events.start();
      events.endHere('failed', 'ValueError', error.message);
    } else {
      const { name, message } = toRemoteError(base, error);
      events.endHere('failed', name, `The run could not be submitted: ${message}`);
    }
  }

  function endLost(id: string, error: unknown): void {
    const what =
      error instanceof ServerUnreachable
        ? error.message
        : error instanceof ProblemError && error.code === 'run-unknown'
          ? `${base} has lost it, as a server does that is started again and keeps its runs in memory.`
          : error instanceof ProblemError
            ? describeRefusal(base, error)
            : String(error);
    const message = `What has become of run ${id} is not known: ${what}`;
    events.endHere('crashed', 'RunLost', message);
  }

  async function run(): Promise<void> {
    let accepted: AcceptedRun;
    try {
      accepted = await submit();
    } catch (error) {
      endRefused(error);
      return;
    }
    const { id } = accepted;
    const stop = (): void => void askToStop(id);
    cancelled.signal.addEventListener('abort', stop, { once: true });
    if (cancelled.signal.aborted) stop();
    try {
      await follow(accepted);
    } catch (error) {
      endLost(id, error);
    }
  }

  void run();
  return {
    events: events.queue,
    done: events.ended.promise,
    cancel: () => {
      if (!events.isOver) cancelled.abort(new Error('The run was cancelled.'));
    },
    abandon: (reason) => {
      events.endHere('crashed', 'RunLost', reason);
      cancelled.abort(new Error(reason));
    },
  };
}
