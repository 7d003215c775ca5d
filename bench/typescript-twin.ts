import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const manifest = { type: 'module', kedro: { projectName: 'Tiny', packageName: 'tiny' } };

const registry = `import { node, pipeline } from 'kedro-server';

const double = (numbers: readonly number[], factor: number) =>
  numbers.map((number) => number * factor);
const total = (numbers: readonly number[]) => ({
  total: numbers.reduce((sum, number) => sum + number, 0),
});

export function registerPipelines() {
  const tiny = pipeline([
    node(double, ['numbers', 'params:factor'], 'doubled', { name: 'double' }),
    node(total, 'doubled', 'total', { name: 'total' }),
  ]);
  return { __default__: tiny, tiny };
}
`;

/** Makes of a copy of the tiny Kedro project its twin in TypeScript; configuration and data stay. */
export async function writeTypescriptTwin(copy: string): Promise<void> {
  await rm(join(copy, 'pyproject.toml'));
  await rm(join(copy, 'src'), { recursive: true });
  await mkdir(join(copy, 'src'));
  await writeFile(join(copy, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(copy, 'src/pipeline_registry.ts'), registry);
}
