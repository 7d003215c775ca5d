import { writeRun } from '../contract/to-run.ts';
import type { QueuePlace } from '../run/admission.ts';
import { isFinal, type RunRecord } from '../run/run-record.ts';
import { type RunAction, runUnknown } from './authorize-run.ts';
import type { Call } from './routes/create-problem-route.ts';
import type { ServerState } from './server-state.ts';

const versionForm = /^\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z$/;

/** Looks a run up for a call, by its id or by the one that `/run` tells. Throws `ProblemError` (`run-unknown`, `forbidden`). */
export async function findRun(
  { runs, authorization }: Pick<ServerState, 'runs' | 'authorization'>,
  call: Call,
  action: RunAction,
): Promise<RunRecord> {
  const id = call.param('id');
  const record = await (versionForm.test(id) ? runs.findVersion(id) : runs.get(id));
  if (record === null) throw runUnknown(id);
  await authorization.require(call.request, action, record, id);
  return record;
}

/** Path of the list of runs, as the caller of `call` reaches it. */
export function runsPathOf({ basePath }: Call): string {
  return `${basePath}/runs`;
}

/** Changes whenever what is shown of a run does. */
export function etagOf(record: RunRecord, place: QueuePlace | null): string {
  if (place === null) return `"${record.lastEventId}"`;
  const blockers = (place.waitsFor ?? []).map((id) => id.slice(-4)).join('');
  return `"${record.lastEventId}-${place.position}-${place.datasets.length}${blockers}"`;
}

export interface RunAnswer {
  readonly status: 200 | 202;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the outputs come with their data. */
  readonly withData?: boolean;
}

/** Answers with a run as it is. */
export async function answerRun(
  { runs }: Pick<ServerState, 'runs'>,
  call: Call,
  record: RunRecord,
  { status, headers = {}, withData = false }: RunAnswer,
): Promise<Response> {
  const place = isFinal(record.status) ? null : runs.placeOf(record.id);
  const data = withData ? await readOutputs(runs, record) : undefined;
  const text = writeRun(record, { runsPath: runsPathOf(call), place, data });
  return new Response(text, {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache',
      etag: etagOf(record, place),
      ...headers,
    },
  });
}

async function readOutputs(
  runs: ServerState['runs'],
  { id, outputs }: RunRecord,
): Promise<ReadonlyMap<string, string>> {
  const data = new Map<string, string>();
  for (const { name, error } of outputs) {
    if (error !== null) continue;
    const stored = await runs.output(id, name);
    if (stored !== null) data.set(name, stored.json);
  }
  return data;
}
