import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

import { createWithheldExplanation } from '../../src/kedro/explain-withheld.ts';
import { parsePassEnv, selectEnvironment } from '../../src/kedro/worker-environment.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { type OpenProject, openProject } from './open-project.ts';

describe('what workers get', () => {
  const environment = {
    PATH: '/bin',
    LC_ALL: 'C',
    PYTHONPATH: '/lib',
    KEDRO_ENV: 'staging',
    KEDRO_SERVER_KEYS: 'k',
    KEDRO_SERVER_TOKEN: 't',
    KEDRO_SERVER_REMOTE_TOKEN: 'r',
    AWS_SECRET_ACCESS_KEY: 's',
    OMP_NUM_THREADS: '1',
    https_proxy: 'p',
    GITHUB_TOKEN: 'g',
    NODE_OPTIONS: 'n',
    MY_APP_MODE: 'm',
    MENTIONED: 'x',
  };
  const usual =
    'PATH LC_ALL PYTHONPATH KEDRO_ENV AWS_SECRET_ACCESS_KEY OMP_NUM_THREADS https_proxy';
  const own = 'KEDRO_SERVER_KEYS KEDRO_SERVER_REMOTE_TOKEN KEDRO_SERVER_TOKEN';

  test.each([
    ['nothing more', [], [], usual, `GITHUB_TOKEN ${own} MENTIONED MY_APP_MODE NODE_OPTIONS`],
    [
      'what is mentioned',
      [],
      ['MENTIONED'],
      `${usual} MENTIONED`,
      `GITHUB_TOKEN ${own} MY_APP_MODE NODE_OPTIONS`,
    ],
    [
      'a beginning',
      ['MY_APP_*'],
      [],
      `${usual} MY_APP_MODE`,
      `GITHUB_TOKEN ${own} MENTIONED NODE_OPTIONS`,
    ],
    [
      'all but our secrets',
      ['*'],
      [],
      `${usual} GITHUB_TOKEN NODE_OPTIONS MY_APP_MODE MENTIONED`,
      own,
    ],
    [
      'ours by their names',
      ['*', 'KEDRO_SERVER_TOKEN'],
      [],
      `${usual} KEDRO_SERVER_TOKEN GITHUB_TOKEN NODE_OPTIONS MY_APP_MODE MENTIONED`,
      'KEDRO_SERVER_KEYS KEDRO_SERVER_REMOTE_TOKEN',
    ],
  ])('%s', (_, passEnv, mentioned, given, withheld) => {
    const selected = selectEnvironment(environment, passEnv, new Set(mentioned));
    expect(Object.keys(selected.given).toSorted()).toEqual(given.split(' ').toSorted());
    expect(selected.withheld).toEqual(withheld.split(' '));
  });

  test.each(['', 'A-B', '*A', 'A*B', 'A=1'])('%j is no name', (name) => {
    expect(() => parsePassEnv([name])).toThrow(`'${name}' is no name of an environment variable`);
  });
});

test('an error that names no variable is left as it is', () => {
  const explanation = createWithheldExplanation(['GITHUB_TOKEN', 'id']);
  for (const message of ["'other'", 'the id is missing', 'GITHUB_TOKENS']) {
    const error = { type: 'KeyError', message };
    expect(explanation?.error(error)).toBe(error);
  }
  expect(explanation?.error({ type: 'KeyError', message: "'id'" }).message).toMatch(
    /--pass-env id/,
  );
  expect(createWithheldExplanation([])).toBe(null);
});

const nodes = `
import os


def show(numbers):
    names = ("MINE", "MY_APP_MODE", "MENTIONED", "MENTIONED_LATE", "AWS_REGION", "KEDRO_SERVER_TOKEN")
    print({name: os.environ.get(name) for name in names})


def need(numbers):
    os.environ["MINE"]


def check(numbers):
    raise RuntimeError("set MINE first")
`;

describe.skipIf(inject('pythonMissing') !== null).each(['fork', 'spawn'] as const)(
  'the environment of workers (%s)',
  (workerStart) => {
    let kedro: OpenProject;
    beforeAll(async () => {
      for (const name of ['MINE', 'MY_APP_MODE', 'MENTIONED', 'MENTIONED_LATE', 'AWS_REGION']) {
        vi.stubEnv(name, `of ${name}`);
      }
      vi.stubEnv('KEDRO_SERVER_TOKEN', 'secret of the server');
      kedro = await openProject({
        workers: 1,
        workerStart,
        passEnv: ['MY_APP_*'],
        async prepare(project) {
          await addNodes(project, nodes);
          await project.write('conf/local/credentials.yml', 'me:\n  key: "${oc.env:MENTIONED}"\n');
        },
      });
      await kedro.executor.open();
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      await kedro[Symbol.asyncDispose]();
    });

    const given = (late: string): string =>
      `{'MINE': None, 'MY_APP_MODE': 'of MY_APP_MODE', 'MENTIONED': '<redacted>', 'MENTIONED_LATE': ${late}, 'AWS_REGION': 'of AWS_REGION', 'KEDRO_SERVER_TOKEN': None}`;

    test('is what was selected', async () => {
      expect(linesOf(await runToEnd(kedro.executor, orderPipeline('show')))).toContain(
        given('None'),
      );
    });

    test('is told by its names only', () => {
      const told = kedro.notices.find(({ event }) => event === 'environment-withheld');
      expect(told?.level).toBe('info');
      expect(told?.message).toMatch(/ KEDRO_SERVER_TOKEN, (.*, )?MENTIONED_LATE, (.*, )?MINE[,.]/);
      expect(JSON.stringify(told)).not.toMatch(/secret of the server|of MINE/);
    });

    test.each([
      ['need', 'KeyError', "'MINE'"],
      ['check', 'RuntimeError', 'set MINE first'],
    ])('is explained where a run lacks a variable (%s)', async (pipeline, type, message) => {
      const events = await runToEnd(kedro.executor, orderPipeline(pipeline));
      const error = {
        type,
        message: `${message}. The variable MINE is in the environment of the server, which does not give it to workers: --pass-env MINE, or passEnv in code, gives it to them.`,
      };
      expect(events.find(({ type: kind }) => kind === 'node.failed')).toMatchObject({ error });
      expect(events.at(-1)).toMatchObject({ status: 'failed', error });
    });

    test('is selected again when the project is loaded again', async () => {
      await kedro.project.write(
        'conf/local/credentials.yml',
        'me:\n  key: "${oc.env:MENTIONED}"\n  other: "${ oc.env : MENTIONED_LATE, null }"\n',
      );
      await kedro.executor.reload('the test');
      expect(linesOf(await runToEnd(kedro.executor, orderPipeline('show')))).toContain(
        given("'<redacted>'"),
      );
    });
  },
);
