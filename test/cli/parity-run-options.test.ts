import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseRunOptions } from '../../src/cli/run-options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { seed } from '../config/seed.ts';
import { startKedroOracle, type KedroOracle } from '../kedro-oracle.ts';

interface KedroOptions {
  readonly [name: string]: unknown;
  readonly paramsJson: string;
}

type Answer = { readonly value: KedroOptions } | { readonly error: string };

function readOurs(args: readonly string[]): KedroOptions | null {
  try {
    const options = parseRunOptions(args);
    if (options === null) return null;
    const { order, env } = options;
    return {
      from_inputs: order.fromInputs ?? [],
      to_outputs: order.toOutputs ?? [],
      from_nodes: order.fromNodes ?? [],
      to_nodes: order.toNodes ?? [],
      node_names: order.nodeNames ?? [],
      namespaces: order.namespaces ?? [],
      tags: order.tags ?? [],
      pipelines: new Set(order.pipelineNames),
      load_versions: order.loadVersions ?? {},
      runner: order.runner,
      is_async: order.isAsync,
      only_missing_outputs: order.onlyMissingOutputs,
      env: env ?? null,
      paramsJson: order.paramsJson ?? '{}',
    };
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** What the command itself does with its options before a session sees them. */
function toOrder(theirs: KedroOptions): KedroOptions {
  const { pipeline, pipelines, runner, env, runner_params: runnerParams, ...others } = theirs;
  const { is_async: isAsync } = runnerParams as { is_async?: boolean };
  const named = pipeline === null || pipeline === '' ? (pipelines as string[]) : [pipeline];
  return {
    ...others,
    is_async: others['is_async'] === true || isAsync === true,
    pipelines: new Set(named),
    runner: runner === '' ? null : runner,
    env: env === '' ? null : env,
  };
}

/** What the command refuses when it has read all options. */
function isRefusedLater(theirs: KedroOptions): boolean {
  const { pipeline, pipelines, is_async: isAsync, runner_params: runnerParams } = theirs;
  const isNamedTwice = Boolean(pipeline) && (pipelines as string[]).length > 0;
  return isNamedTwice || (isAsync === true && JSON.stringify(runnerParams).includes('false'));
}

const unused = ['config', 'conf_source'];

const name = fc.constantFrom('a', 'b_1', 'left.right', 'ds@csv', 'f([a,b]) -> [c]', 'ü', '', ' x ');
const names = fc.array(name, { maxLength: 4 }).map((each) => each.join(','));
const version = fc.constantFrom('2020-01-01T00.00.00.000Z', 'v:1', 'x');
const versions = fc
  .array(fc.tuple(fc.constantFrom('a', ' b', 'c.d'), version), { maxLength: 3 })
  .map((pairs) => pairs.map(([dataset, each]) => `${dataset}:${each}`).join(','));
const params = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'b.c', 'b.d', ' e ', ''),
      fc.constantFrom('1', '1.0', '-0.5', '1e3', 'text', 'true', 'null', '"1"', '', 'a=b', '007'),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join(','));

const flags = (...switches: readonly string[]) => fc.constantFrom(...switches);
const option = fc.oneof(
  fc.tuple(flags('--pipelines', '--tags', '-t', '--from-inputs', '--to-outputs'), names),
  fc.tuple(flags('--nodes', '-n', '-ns', '--namespaces', '--from-nodes', '--to-nodes'), names),
  fc.tuple(flags('-lv', '--load-versions'), fc.oneof(versions, fc.constant('nothing'))),
  fc.tuple(flags('--params'), fc.oneof(params, fc.constant('nothing'))),
  fc.tuple(flags('-p', '--pipeline', '-r', '--runner', '-e', '--env'), name),
  fc.tuple(flags('--runner-params'), flags('is_async=True', 'is_async=no', 'nothing', '')),
  fc.tuple(flags('--async', '--only-missing-outputs')),
);

describe.skipIf(inject('pythonMissing') !== null)('the arguments of run', () => {
  let oracle: KedroOracle<Answer, readonly string[]>;

  beforeAll(async () => {
    oracle = await startKedroOracle(import.meta.url);
  });

  afterAll(() => oracle.close());

  test('are read as by kedro run', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(option, { maxLength: 5 }), async (options) => {
        const args = options.flat();
        const answer = await oracle.ask(args);
        const ours = readOurs(args);
        if ('error' in answer) {
          refused += 1;
          expect(ours).toBeNull();
          return;
        }
        const theirs = Object.entries(answer.value).filter(([key]) => !unused.includes(key));
        const expected = toOrder(Object.fromEntries(theirs) as unknown as KedroOptions);
        expect(ours).toEqual(isRefusedLater(answer.value) ? null : expected);
      }),
      { seed, numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(20);
  });
});
