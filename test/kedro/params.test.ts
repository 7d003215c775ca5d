import { readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { SnapshotError } from '../../src/errors.ts';
import { canary, openParamsProject, type ParamsProject } from './open-params-project.ts';

const other = 'params.datasets.Other';
const usual = 'params.datasets.Opening';

describe.skipIf(inject('pythonMissing') !== null).each(['newest', 'oldest'] as const)(
  'what params may do, with the %s Kedro',
  (version) => {
    let project: ParamsProject;
    beforeAll(async () => {
      project = await openParamsProject({ kedro: version });
    });
    afterAll(() => project[Symbol.asyncDispose]());

    /** Folders are written as `<outside>`, `<project>` and so on. */
    const inPlace = <T>(value: T): T =>
      JSON.parse(
        JSON.stringify(value).replaceAll(/<(\w+)>/g, (_, name: string) =>
          name === 'project' ? project.path : project[name as 'outside' | 'listed' | 'elsewhere'],
        ),
      ) as T;

    const refusals: readonly (readonly [string, object])[] = [
      ['placed', { place: '../../outside/canary' }],
      ['placed', { place: '../..' }],
      ['placed', { place: 'link/canary' }],
      ['placed', { place: 'link' }],
      ['placed', { place: 'link/not-there-yet' }],
      ['placed', { place: 'x/../link/canary' }],
      ['anywhere', { anywhere: '<outside>/canary.txt' }],
      ['anywhere', { anywhere: ' <outside>/canary.txt ' }],
      ['anywhere', { anywhere: 'file://<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'FILE://<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'file:<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'local://<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'file://localhost<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'file://<project>/%2e%2e/x' }],
      ['anywhere', { anywhere: 'file:file:<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'simplecache::file://<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'zip://x::<outside>/canary.txt' }],
      ['anywhere', { anywhere: 'http://127.0.0.1:1/x' }],
      ['anywhere', { anywhere: 'memory://other/x' }],
      ['anywhere', { anywhere: 'memory://listed/tenants/../x' }],
      ['anywhere', { anywhere: 'memory://listed/tenants/%2e%2e/x' }],
      ['anywhere', { anywhere: 'memory://listed/tenantsx' }],
      ['anywhere', { anywhere: 'memory://someone@listed/tenants/x' }],
      ['anywhere', { anywhere: 'data:text/plain,x' }],
      ['anywhere', { anywhere: '~/x' }],
      ['anywhere', { anywhere: '~root/x' }],
      ['anywhere', { anywhere: '..' }],
      ['anywhere', { anywhere: '<project>x/y' }],
      ['anywhere', { anywhere: '<outside>/canary.txt\0.txt' }],
      ['anywhere', { anywhere: 7 }],
      ['elsewhere', { place: '../outside/canary' }],
      ['elsewhere', { place: 'x/../../outside/canary' }],
      ['joined', { rest: '-of-others/canary.txt' }],
      ['joined', { rest: '/../outside/canary.txt' }],
      ['file_apart', { apart: '../../outside/canary' }],
      ['remote', { place: '../../other/x' }],
      ['by_globals', { area: 'outside' }],
      ['partitions', { place: 'link' }],
      ['partitions', { place: '../..' }],
      ['cached', { place: 'link/canary' }],
      ['listed', { place: 'link/canary' }],
      ['file_made', { made: 'link' }],
      ['file_made', { made: '{name.__class__}' }],
      ['file_made', { made: '{name}' }],
      ['entry', { entry: { type: usual, filepath: '<outside>/canary.txt' } }],
      ['entry', { entry: { type: usual, filepath: 'x', more: [{ filepath: '/etc/passwd' }] } }],
      ['options', { load_args: { a: [{ b: '<outside>/canary.txt' }] } }],
      ['options', { load_args: { '<outside>/canary.txt': 1 } }],
      ['options', { fs_args: { target_protocol: 'http' } }],
      ['guarded', { host: 'other.example' }],
      ['guarded', { host: 'other.example/x?' }],
    ];

    test.each(refusals)('%s is not led elsewhere by %j', async (pipeline, params) => {
      const { ended, opened } = await project.run(pipeline, inPlace(params));
      const [name] = Object.keys(params);
      expect(ended).toMatchObject({
        status: 'failed',
        error: {
          type: 'DatasetError',
          message: expect.stringMatching(
            new RegExp(
              `^The runtime parameter '${name}' may not .*(--param-roots|placeholders)`,
              's',
            ),
          ),
        },
      });
      expect(opened).toEqual([]);
    });

    test.each([
      ['placed', { place: 'there' }, '<project>/data/there.txt'],
      ['placed', { place: '/there' }, '<project>/data/there.txt'],
      ['placed', { place: '${oc.env:HOME}' }, '<project>/data/${oc.env:HOME}.txt'],
      ['placed', { place: '???' }, '<project>/data/???.txt'],
      ['placed', { place: '．．／．．／x' }, '<project>/data/．．／．．／x.txt'],
      ['placed', { place: '%2e%2e' }, '<project>/data/%2e%2e.txt'],
      ['placed', { place: null }, '<project>/data/None.txt'],
      ['placed', { place: 7 }, '<project>/data/7.txt'],
      ['anywhere', { anywhere: '<project>/data/here.txt' }, '<project>/data/here.txt'],
      ['anywhere', { anywhere: 'file://<project>/data/here.txt' }, '<project>/data/here.txt'],
      ['anywhere', { anywhere: '<listed>/canary.txt' }, '<listed>/canary.txt'],
      ['anywhere', { anywhere: 'memory://listed/tenants/x' }, 'memory:///tenants/x'],
      ['elsewhere', { place: 'canary' }, '<elsewhere>/canary.txt'],
      ['joined', { rest: '/sub/canary.txt' }, '<elsewhere>/sub/canary.txt'],
      ['joined', { rest: '.txt' }, '<elsewhere>.txt'],
      ['file_apart', { apart: 'there' }, '<elsewhere>/file/there.txt'],
      ['remote', { place: 'a/b' }, 'memory:///a/b.txt'],
      ['by_globals', { area: 'here' }, '<project>/data/here/canary.txt'],
      ['by_globals', {}, '<project>/data/here/canary.txt'],
      ['file_made', { made: 'there' }, '<project>/data/there/file.txt'],
      ['entry', { entry: { type: usual, filepath: 'data/x' } }, '<project>/data/x'],
      ['options', { load_args: { sep: ';', n: [1, 'a b', null] } }, '<project>/data/here.txt'],
      ['options', { fs_args: { auto_mkdir: true } }, '<project>/data/here.txt'],
      ['guarded', { password: '/a+b=c' }, '<project>/data/here.txt'],
      ['guarded', { host: 'store.example' }, '<project>/data/here.txt'],
    ])('%s is led by %j', async (pipeline, params, path) => {
      const { ended, opened } = await project.run(pipeline, inPlace(params));
      expect(ended).toMatchObject({ status: 'succeeded' });
      expect(opened).toEqual([{ kind: 'Opening', path: inPlace(path) }]);
    });

    test.each([
      ['class', { kind: other }],
      ['class_in_blanks', { kind: other }],
      ['class_in_parts', { class: 'Other' }],
      ['class_by_globals', { sort: 'other' }],
      ['class_by_name', { which: 'other' }],
      ['entry_by_name', { which: 'other' }],
      ['entry', { entry: { type: other, filepath: 'data/x' } }],
      ['entry', { entry: { type: usual, filepath: 'x', more: [{ type: other, filepath: 'y' }] } }],
      ['cached', { kind: other }],
      ['listed', { kind: other }],
      ['partitions', { kind: other }],
      ['class', { kind: 'antigravity.Dataset' }],
      ['class', { kind: { __class__: other } }],
      ['pickled', { backend: 'antigravity' }],
    ])('the class of %s is not chosen by %j', async (pipeline, params) => {
      const { ended, opened } = await project.run(pipeline, params);
      expect(ended).toMatchObject({
        status: 'failed',
        error: {
          type: 'InterpolationResolutionError',
          message: expect.stringMatching(
            /^Dataset '\w+' resolves a '[^']+' field via .*Runtime parameters must not select/,
          ),
        },
      });
      expect(opened).toEqual([]);
    });

    test('text that looks like an interpolation is text', async () => {
      const params = {
        text: '${oc.env:HOME}',
        global: ['${globals:secret}', { deep: '${globals:secret}' }],
        missing: '???',
        escaped: '\\${a} \\\\${b}\\',
        broken: '${',
        itself: '${itself}',
        resolver: '${oc.decode:"1"}',
        stand: 'a ??? b',
        '${text}': '$${x}',
        __class__: { __init__: '{0.__class__}' },
      };
      const { ended } = await project.run('describe', params);
      expect(ended).toMatchObject({ status: 'succeeded' });
      expect(await project.kedro.readJson('parameters')).toEqual({
        ...params,
        greeting: 'hello ${oc.env:HOME}',
      });
    });

    test('a version is one of the dataset’s own', async () => {
      await symlink(project.outside, join(project.path, 'data/history.json/away'));
      const load = async (history: string): Promise<unknown> =>
        (await project.run('history', {}, { loadVersions: { history } })).ended;
      expect(await load('first')).toMatchObject({ status: 'succeeded' });
      for (const each of ['../../x', '..', '.', 'a/b', String.raw`a\b`, '/etc', 'away']) {
        expect(await load(each)).toMatchObject({
          status: 'failed',
          error: {
            type: 'DatasetError',
            message: expect.stringContaining(`Version string '${each}' is not allowed.`),
          },
        });
      }
    });

    test('links are looked at in each run', async () => {
      const { ended } = await project.run('placed', { place: 'soon/canary' });
      expect(ended).toMatchObject({ status: 'succeeded' });
      await symlink(project.outside, join(project.path, 'data/soon'));
      const next = await project.run('placed', { place: 'soon/canary' });
      expect(next.ended).toMatchObject({ status: 'failed', error: { type: 'DatasetError' } });
      expect(next.opened).toEqual([]);
    });

    test.skipIf(version === 'oldest')('a snapshot resolves no more than a run', async () => {
      const snapshot = async (params: string): Promise<unknown> =>
        project.kedro.executor.snapshot({ params }).then(
          ({ datasets }) => datasets['placed']?.filepath,
          (error: unknown) => (error instanceof SnapshotError ? error.type : error),
        );
      expect(await snapshot('place=${globals:secret}')).toBe('data/${globals:secret}.txt');
      expect(await snapshot('place=../../x')).toBe('DatasetError');
      expect(await snapshot('which=other')).toBe('InterpolationResolutionError');
      expect(await snapshot(`kind=${other}`)).toBe('InterpolationResolutionError');
    });

    test('trusted, they may do what they may in Kedro', async () => {
      await using trusting = await openParamsProject({ kedro: version, trustParams: true });
      const read = await trusting.run('placed', { place: '../data/link/canary' });
      expect(read.opened).toEqual([
        { kind: 'Opening', path: join(trusting.outside, 'canary.txt') },
      ]);
      const chosen = await trusting.run('entry', { entry: { type: other, filepath: 'x' } });
      expect(chosen.opened).toMatchObject([{ kind: 'Other' }]);
      await trusting.run('describe', { text: '${globals:secret}' });
      expect(await trusting.kedro.readJson('parameters')).toMatchObject({
        text: 'a-global-secret',
      });
    });

    test('the canary is where it was', async () => {
      expect(basename(project.outside)).toBe('outside');
      expect(await readFile(join(project.outside, 'canary.txt'), 'utf8')).toBe(canary);
    });
  },
);
