import { readProblem } from '../client/problem-error.ts';
import type { Sender } from '../client/sender.ts';
import { ServerUnreachable } from '../client/server-unreachable.ts';
import { parseRunAnswer } from '../contract/parse-answer.ts';
import { writeRunRequest } from '../contract/write-run-submission.ts';
import { type RemoteRun, RemoteEvents } from './remote-events.ts';
import { describeRefusal } from './remote-link.ts';
import { traceHeadersOf } from './remote-run.ts';
import type { RunOrder } from './run-order.ts';

/** What of an order Kedro's own server cannot do; null when it can do all of it. */
function findUnsupported({ inputsJson, outputs }: RunOrder): string | null {
  if (typeof inputsJson === 'string') return "data for its datasets ('inputs')";
  return (outputs ?? []).length > 0 ? "the data of its 'outputs'" : null;
}

/**
 * Runs an order on Kedro's own server, which answers when the run has ended: between its start and
 * its end nothing is told, and it cannot be cancelled. It is sent once, as it may not be repeated.
 */
export function startRemoteKedroRun(link: Sender, order: RunOrder): RemoteRun {
  const { base } = link;
  const events = new RemoteEvents(order);
  const given = new AbortController();
  let isSent = false;

  async function run(): Promise<void> {
    const unsupported = findUnsupported(order);
    if (unsupported !== null) {
      const message = `${base} is Kedro's own server, which cannot give a run ${unsupported}. Serve the project by kedro-server for that.`;
      events.endHere('failed', 'RemoteUnsupported', message);
      return;
    }
    isSent = true;
    events.start();
    const response = await link.sendOnce(`${base}/run`, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...traceHeadersOf(order),
      },
      body: writeRunRequest(order),
      signal: given.signal,
    });
    if (!response.ok) {
      const problem = await readProblem(response);
      const type = problem.status === 422 ? 'ValueError' : 'RemoteError';
      events.endHere('failed', type, describeRefusal(base, problem));
      return;
    }
    endAsAnswered(await response.text());
  }

  function endAsAnswered(text: string): void {
    const answer = parseRunAnswer(text);
    if (answer === null) {
      const message = `${base} answered POST /run with something that says nothing of the run.`;
      events.endHere('failed', 'RemoteError', message);
      return;
    }
    const { runId, durationMs, error } = answer;
    events.note('info', `It was run ${runId} of ${base}, and saved this version`);
    events.end(error === null ? 'succeeded' : 'failed', error, durationMs, durationMs);
  }

  void run().catch((error: unknown) => {
    const { message } = new ServerUnreachable(base, error);
    const lost = `The answer did not come, so it is not known what has become of the run: ${message}`;
    events.endHere('crashed', 'RunLost', lost);
  });
  return {
    events: events.queue,
    done: events.ended.promise,
    cancel: () => {
      if (!isSent || events.isOver) return;
      const message = `${base} is Kedro's own server, which cannot cancel a run: it goes on to its end`;
      events.note('warning', message);
    },
    abandon: (reason) => {
      events.endHere('crashed', 'RunLost', reason);
      given.abort();
    },
  };
}
