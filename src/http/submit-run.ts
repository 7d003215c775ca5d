import { KedroServerError } from '../errors.ts';
import type { RunRecord, RunSubmission } from '../run/run-record.ts';
import { isFinal } from '../run/run-record.ts';
import { answerRun, runsPathOf } from './answer-run.ts';
import { serverClosing } from './http-error.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import type { Call } from './routes/create-problem-route.ts';
import type { ServerState } from './server-state.ts';
import { readPreferredWait, waitAtMost } from './waiting.ts';

/** What of a submission its request's headers say. */
export type FromHeaders = Pick<RunSubmission, 'isAttended' | 'owner' | 'traceparent' | 'requestId'>;

export interface SubmitCall {
  /** The bytes that were sent, which tell whether two requests are the same. */
  readonly body: Uint8Array;
  readonly submission: (headers: FromHeaders) => RunSubmission;
  /** Throws when the run cannot be run. */
  readonly check: () => Promise<unknown>;
}

/**
 * Submits a run as a call asks for it: by its idempotency key, and waiting for the end as long as
 * it prefers. Answers 202 with the run as it is, or 200 once it has ended while it was waited for.
 */
export async function submitRun(
  state: ServerState,
  call: Call,
  { body, submission, check }: SubmitCall,
): Promise<Response> {
  const { runs, authorization, callers, isClosing } = state;
  if (isClosing()) throw serverClosing();
  const { request, traceparent, requestId } = call;
  const { pathname } = new URL(request.url);
  const { owner, maxOpen } = authorization.submitterOf(request);
  const key = await readIdempotencyKey(request.headers, pathname, body, owner);
  const waitS = readPreferredWait(request.headers);
  // A key tells that its owner comes again, whatever becomes of this connection.
  const isAttended = waitS !== null && waitS > 0 && key === null;
  const { record, isReplay } = await runs.submit(
    submission({ isAttended, owner, traceparent, requestId }),
    {
      key,
      maxOpen,
      check: async () => {
        callers?.requireNew(request);
        await check();
      },
    },
  );
  const latest = waitS === null ? record : await waitForEnd(state, record, request, waitS);
  return answerRun(state, call, latest, {
    status: waitS !== null && isFinal(latest.status) ? 200 : 202,
    withData: waitS !== null && isFinal(latest.status),
    headers: {
      location: `${runsPathOf(call)}/${record.id}`,
      ...(waitS !== null && { 'preference-applied': `wait=${waitS}` }),
      ...(isReplay && { 'idempotent-replayed': 'true' }),
    },
  });
}

async function waitForEnd(
  { runs }: ServerState,
  record: RunRecord,
  { signal }: Request,
  seconds: number,
): Promise<RunRecord> {
  if (isFinal(record.status) || seconds === 0) return record;
  const { id } = record;
  try {
    const latest = await waitAtMost(seconds, signal, (stop) => runs.waitForEnd(id, stop));
    if (latest === null || isFinal(latest.status) || signal.aborted) return latest ?? record;
    await runs.leaveAlone(id);
  } catch (error) {
    // It has been accepted: a refusal would have its caller submit it again.
    if (!(error instanceof KedroServerError && error.code === 'store-unusable')) throw error;
  }
  return (await runs.get(id)) ?? record;
}
