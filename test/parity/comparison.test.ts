import { describe, expect, inject, it } from 'vitest';

import { createAnswerText } from './answer-text.ts';
import { bodyCases } from './cases/body-cases.ts';
import { routeCases } from './cases/route-cases.ts';
import { runCases } from './cases/run-cases.ts';
import { snapshotCases } from './cases/snapshot-cases.ts';
import { useComparedPair } from './compared-pair.ts';
import { type ParityCase, runs, sends, snapshot } from './parity-case.ts';
import { type ProjectFiles, writeFiles } from './project-copy.ts';
import type { Answer } from './send-request.ts';
import { type StartServer, startKedroServer } from './server-process.ts';

/** Kedro's own server, on a project that was changed behind the comparison's back. */
function startOnChanged(files: ProjectFiles): StartServer {
  return async (options) => {
    await writeFiles(options.projectPath, files);
    return await startKedroServer(options);
  };
}

const everyTwelfth = [...routeCases, ...bodyCases, ...snapshotCases, ...runCases].filter(
  (_, index) => index % 12 === 0,
);

describe.skipIf(inject('pythonMissing') !== null)('the comparison of Kedro’s server with', () => {
  describe('itself', () => {
    const { expectSame } = useComparedPair({
      project: { base: 'probe' },
      startOurs: startKedroServer,
    });
    it.for(everyTwelfth)('finds no difference: $name', expectSame);
  });

  describe('itself on another project', () => {
    const { pair, expectSame } = useComparedPair({
      project: { base: 'probe' },
      startOurs: startOnChanged({
        'conf/local/parameters.yml': 'factor: 2.0\n',
        'conf/base/catalog_more.yml': 'more:\n  type: json.JSONDataset\n  filepath: data/m.json\n',
        'src/probe/runners.py': 'class NoRunner:\n    pass\n',
      }),
    });
    const differing: readonly ParityCase[] = [
      runs('a number of another type', { pipeline_names: ['echo'] }),
      runs('a file on disk', { pipeline_names: ['chain'] }),
      runs('an error', { runner: 'probe.runners.OwnRunner' }),
      runs('what hooks see', { pipeline_names: ['guarded'] }),
      sends('the snapshot', snapshot()),
    ];
    it.for(differing)('finds $name', async (parityCase) => {
      const { theirs, ours } = await pair().compare(parityCase);
      expect(ours).not.toBe(theirs);
    });
    it.for(everyTwelfth.filter((_, index) => index < 8))('finds nothing else: $name', expectSame);
  });
});

describe('what is compared of an answer', () => {
  const server = { url: 'http://127.0.0.1:4000', projectPath: '/tmp/x/project' };
  const write = (answer: Partial<Answer>, projectPath = server.projectPath): string =>
    createAnswerText({
      ...server,
      projectPath,
      output: () => '',
      close: () => Promise.resolve(),
    }).writeAnswer({ status: 200, headers: {}, body: '', ...answer });

  it.for([
    ['the status', {}, { status: 201 }],
    ['the content type', { headers: { 'content-type': 'a/b' } }, { headers: {} }],
    ['the allowed methods', { headers: { allow: 'GET' } }, { headers: { allow: 'POST' } }],
    ['the spelling of numbers', { body: '{"x":1.0}' }, { body: '{"x":1}' }],
    ['the order of fields', { body: '{"a":1,"b":2}' }, { body: '{"b":2,"a":1}' }],
    [
      'a duration that is no number',
      { body: '{"duration_ms":1.5}' },
      { body: '{"duration_ms":"1"}' },
    ],
    ['decimals of a duration', { body: '{"duration_ms":1.5}' }, { body: '{"duration_ms":1.555}' }],
    [
      'a run id of another form',
      { body: '{"run_id":"2026-01-01T00.00.00.000Z"}' },
      { body: '{"run_id":"1"}' },
    ],
  ] satisfies readonly (readonly [string, Partial<Answer>, Partial<Answer>])[])(
    'counts %s',
    ([, one, other]) => {
      expect(write(one)).not.toBe(write(other));
    },
  );

  it('does not count run ids, durations, paths and addresses', () => {
    const body = (id: string, ms: number, path: string): Partial<Answer> => ({
      body: `{"run_id":"2026-01-01T00.00.00.${id}Z","duration_ms":${ms},"x":"${path}/data at 0x7f${id}00"}`,
    });
    expect(write(body('001', 1, '/tmp/a'), '/tmp/a')).toBe(write(body('222', 0.25, '/b'), '/b'));
  });

  it('counts which run a file is of', () => {
    const text = createAnswerText({ ...server, output: () => '', close: () => Promise.resolve() });
    const ids = ['2026-01-01T00.00.00.001Z', '2026-01-01T00.00.00.002Z'];
    for (const id of ids)
      text.writeAnswer({ status: 200, headers: {}, body: `{"run_id":"${id}"}` });
    expect(text.writeFiles(ids.map((id) => [`data/${id}`, id] as const))).toBe(
      '--- data/<run 1>\n<run 1>\n--- data/<run 2>\n<run 2>',
    );
    expect(text.fillIn('{{run 2}}')).toBe(ids[1]);
  });
});
