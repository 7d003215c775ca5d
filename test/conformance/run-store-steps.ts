import fc from 'fast-check';

import { runStatuses } from '../../src/run/run-record.ts';
import type { Retention, RunBatch, RunQuery, RunStore } from '../../src/run/run-store.ts';
import { createSubmission } from '../run/submission.ts';
import {
  batchOf,
  createEntry,
  createLogEvent,
  createRecord,
  runIdAt,
  withStatus,
} from './run-records.ts';
import type { RunStoreModel } from './run-store-model.ts';

const startMs = Date.UTC(2026, 5, 1);
const minuteMs = 60_000;
const pipelines = ['__default__', 'a', 'b', 'Zoë', '\uD83D', "it's; --"];
const labelNames = ['tenant', '__proto__', 'constructor', '', '😀', '\uDE00'];
const labelValues = ['acme', '', 'a\u0000b', '\uD83D', 'ünï', '%'];

const label = fc.tuple(fc.constantFrom(...labelNames), fc.constantFrom(...labelValues));
const labels = (maxLength: number) =>
  fc.array(label, { maxLength }).map((pairs) => Object.fromEntries(pairs));
const atMs = fc.integer({ min: 0, max: 12 }).map((minutes) => startMs + minutes * minuteMs);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constant('\uD83D lone \uDE00'),
);

const newRun = fc.record({
  pipelineNames: fc.option(fc.array(fc.constantFrom(...pipelines), { maxLength: 3 })),
  labels: labels(3),
  createdAtMs: atMs,
  params: fc.option(fc.constantFrom('{"big":12345678901234567890,"one":1.0}', '{}')),
});

const query: fc.Arbitrary<RunQuery> = fc.record({
  statuses: fc.option(fc.uniqueArray(fc.constantFrom(...runStatuses), { maxLength: 6 }), {
    freq: 2,
  }),
  pipeline: fc.option(fc.constantFrom(...pipelines), { freq: 2 }),
  labels: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: labels(2) }),
  sinceMs: fc.option(atMs, { freq: 2 }),
  untilMs: fc.option(atMs, { freq: 2 }),
  before: fc.option(
    atMs.map((ms) => runIdAt(ms, 0)),
    { freq: 2 },
  ),
  limit: fc.integer({ min: 1, max: 20 }),
});

/** Something that is done to a store; `run` picks one of those that are there. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('submit' as const), new: newRun }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      run: fc.nat(),
      status: fc.constantFrom(...runStatuses),
      atMs,
      texts: fc.array(text, { maxLength: 4 }),
      output: fc.option(
        fc.record({ name: fc.constantFrom('o', '__proto__', '\uD83D'), json: fc.json() }),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('key' as const),
      run: fc.nat(),
      key: fc.constantFrom('one', 'two', '\uD83D'),
      fingerprint: fc.string(),
      expiresAtMs: atMs,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('prune' as const),
      retention: fc.record<Retention>({
        endedBeforeMs: fc.option(atMs),
        maxEndedRuns: fc.option(fc.nat(4)),
        nowMs: atMs,
      }),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Steps to take, and questions to ask after them. */
export const storyArbitrary = fc.record({
  steps: fc.array(step, { minLength: 10, maxLength: 60 }),
  queries: fc.array(query, { minLength: 10, maxLength: 30 }),
  afterId: fc.nat(8),
  limit: fc.integer({ min: 1, max: 8 }),
  nowMs: atMs,
});

function toBatch(model: RunStoreModel, taken: Exclude<Step, { do: 'prune' }>): RunBatch | null {
  if (taken.do === 'submit') {
    const { pipelineNames, labels: given, createdAtMs, params } = taken.new;
    const { order, ...rest } = createSubmission({ labels: given });
    const submission = { ...rest, order: { ...order, pipelineNames, paramsJson: params } };
    return batchOf({ runs: [createRecord({ createdAtMs, submission })] });
  }
  const run = model.runs[taken.run % Math.max(1, model.runs.length)];
  if (run === undefined) return null;
  if (taken.do === 'key') {
    const { key, fingerprint, expiresAtMs } = taken;
    return batchOf({ keys: [{ key, fingerprint, expiresAtMs, runId: run.id }] });
  }
  if (run.endedAtMs !== null) return null;
  const lastId = model.lastEntryId(run.id);
  const entries = taken.texts.map((message, index) => ({
    runId: run.id,
    entry: createEntry(
      lastId + index + 1,
      message === '' ? { type: 'run.queued' } : createLogEvent(message),
    ),
  }));
  const lastEventId = lastId + entries.length;
  return batchOf({
    runs: [{ ...withStatus(run, taken.status, taken.atMs), lastEventId }],
    entries,
    outputs: taken.output === null ? [] : [{ runId: run.id, ...taken.output }],
  });
}

/** Takes a step with both; gives the number of runs that each has removed. */
export async function takeStep(
  store: RunStore,
  model: RunStoreModel,
  taken: Step,
): Promise<readonly [number, number]> {
  if (taken.do === 'prune') {
    return [await store.prune(taken.retention), model.prune(taken.retention)];
  }
  const batch = toBatch(model, taken);
  if (batch === null) return [0, 0];
  model.write(structuredClone(batch));
  await store.write(batch);
  return [0, 0];
}
