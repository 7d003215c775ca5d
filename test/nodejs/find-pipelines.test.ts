import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findPipelines, type FindPipelinesOptions } from '../../src/adapters/node.ts';
import { createTypescriptProject } from './typescript-project-folder.ts';

const simple = `
import { node, pipeline } from 'kedro-server';
export const createPipeline = async () =>
  pipeline([node((total: number) => total, 'total', 'copy', { name: 'copy' })]);
`;

async function find(changes: Record<string, string>, options: FindPipelinesOptions = {}) {
  await using folder = await createTypescriptProject(changes);
  const warnings: string[] = [];
  const found = await findPipelines(
    pathToFileURL(path.join(folder.path, 'src/pipeline_registry.ts')).href,
    { onWarning: (message) => warnings.push(message), ...options },
  );
  const names = Object.entries(found).map(([name, { nodes }]) => [
    name,
    nodes.map((node) => node.name),
  ]);
  return { found: Object.fromEntries(names) as Record<string, string[]>, warnings };
}

test('pipelines are found by their folders, and their sum is the default', async () => {
  const changes = { 'src/pipelines/.hidden/index.ts': 'throw 1', 'src/pipelines/notes.md': '' };
  expect(await find(changes)).toEqual({
    found: { __default__: ['scale', 'sum'], scale: ['scale'], sum: ['sum'] },
    warnings: [],
  });
});

test('pipeline.ts beside the registry is part of the default', async () => {
  const { found } = await find({ 'src/pipeline.ts': simple });
  expect(found['__default__']).toEqual(['scale', 'sum', 'copy']);
});

test('some can be asked for', async () => {
  const broken = { 'src/pipelines/broken/index.ts': 'throw new Error("imported");' };
  expect(await find(broken, { pipelinesToFind: ['sum'], raiseErrors: true })).toEqual({
    found: { sum: ['sum'] },
    warnings: [],
  });
  const all = await find({}, { pipelinesToFind: ['sum', '__default__'] });
  expect(Object.keys(all.found)).toEqual(['__default__', 'scale', 'sum']);
  expect(await find({}, { pipelinesToFind: ['sum', 'smu'] })).toEqual({
    found: { sum: ['sum'] },
    warnings: ['Pipeline(s) not found: smu. There are: scale, sum.'],
  });
});

test.each([
  [
    'an import that fails',
    'index.ts',
    'import "./nothing.ts";',
    /An error occurred while importing the 'src\/pipelines\/other\/index.ts' module[^]*nothing\.ts/,
    /nothing\.ts/,
  ],
  [
    'no module',
    'nodes.ts',
    '',
    /folder 'src\/pipelines\/other' has neither index.ts nor pipeline.ts/,
    /has neither/,
  ],
  [
    'no function',
    'index.ts',
    'export const create = 1;',
    /does not export a 'createPipeline' function/,
    /does not export/,
  ],
  [
    'no pipeline',
    'pipeline.ts',
    'export const createPipeline = () => [];',
    /to return a 'Pipeline' object, got 'array' instead/,
    /got 'array'/,
  ],
])('%s is warned of, or raised', async (_, file, text, warning, error) => {
  const changes = { [`src/pipelines/other/${file}`]: text };
  const { found, warnings } = await find(changes);
  expect(Object.keys(found)).toEqual(['__default__', 'scale', 'sum']);
  expect(warnings).toEqual([expect.stringMatching(warning)]);
  await expect(find(changes, { raiseErrors: true })).rejects.toThrow(error);
});

test('what createPipeline throws is thrown', async () => {
  const text = 'export const createPipeline = () => { throw new RangeError("own"); };';
  await expect(find({ 'src/pipelines/other/index.ts': text })).rejects.toThrow(RangeError);
});
