import { createTemporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** The files of a small project in TypeScript, which a test may change or leave out (`null`). */
const files = {
  'package.json': JSON.stringify({
    name: 'sums',
    type: 'module',
    kedro: { projectName: 'Sums', packageName: 'sums' },
  }),
  'conf/base/catalog.yml': `
numbers:
  type: json.JSONDataset
  filepath: data/numbers.json
total:
  type: json.JSONDataset
  filepath: data/total.json
`,
  'conf/base/parameters.yml': 'factor: 2\n',
  'data/numbers.json': '[1, 2, 3]',
  'src/pipeline_registry.ts': `
import { findPipelines } from 'kedro-server';

export async function registerPipelines() {
  return await findPipelines(import.meta.url, { raiseErrors: true });
}
`,
  'src/pipelines/scale/nodes.ts': `
export function scale(numbers: number[], factor: number): number[] {
  return numbers.map((number) => number * factor);
}
`,
  'src/pipelines/scale/pipeline.ts': `
import { node, pipeline } from 'kedro-server';
import { scale } from './nodes.ts';

export const createPipeline = () =>
  pipeline([node(scale, ['numbers', 'params:factor'], 'scaled', { name: 'scale' })]);
`,
  'src/pipelines/sum/index.ts': `
import { node, pipeline } from 'kedro-server';

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function createPipeline() {
  return pipeline([node(sum, 'scaled', 'total', { name: 'sum' })]);
}
`,
};

export async function createTypescriptProject(
  changes: Readonly<Record<string, string | null>> = {},
): Promise<TemporaryFolder> {
  const folder = createTemporaryFolder();
  for (const [name, text] of Object.entries({ ...files, ...changes })) {
    if (text !== null) await folder.write(name, text);
  }
  return folder;
}
