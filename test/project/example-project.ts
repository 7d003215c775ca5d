import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import type { FileSystem } from '../../src/catalog/file-system.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { defineProject, type ProjectDefinition } from '../../src/project/define-project.ts';

export interface ExampleProject {
  readonly definition: ProjectDefinition;
  /** Texts by path; what is written here is read by the next run. */
  readonly config: Record<string, string>;
  readonly files: FileSystem;
  readText(path: string): Promise<string>;
}

const addOne = (numbers: number[]) => numbers.map((number) => number + 1);
const total = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0);
const describe = (parameters: object) => parameters;

/** A small project in memory. */
export function createExampleProject(changes: Partial<ProjectDefinition> = {}): ExampleProject {
  const config: Record<string, string> = {
    'base/catalog.yml': `
_folder: data
numbers:
  type: json.JSONDataset
  filepath: \${_folder}/numbers.json
stamped:
  type: json.JSONDataset
  filepath: data/stamped.json
  versioned: true
remote:
  type: json.JSONDataset
  filepath: https://user:secret@example.com/remote.json?token=abc
  credentials: not_there
"{name}_json":
  type: json.JSONDataset
  filepath: data/{name}.json
`,
    'base/parameters.yml': `
tenant: none
by_resolver: "\${runtime_params:tenant, nobody}"
model:
  rate: 0.5
  depth: 3
`,
    'local/credentials.yml': 'not_there: { user: a }\n',
  };
  const files = createMemoryFileSystem({ 'data/numbers.json': '[1, 2, 3]' });
  const memory = pipeline([
    node(addOne, 'numbers', 'more', { name: 'add_one', tags: ['z', 'a'] }),
    node(total, 'more', 'sum_of_more', { name: 'total' }),
  ]);
  const definition = defineProject({
    projectName: 'Example',
    packageName: 'example',
    pipelines: {
      __default__: memory,
      memory,
      saved: pipeline([node(addOne, 'numbers', 'saved_json', { name: 'save' })]),
      stamped: pipeline([node(addOne, 'numbers', 'stamped', { name: 'stamp' })]),
      describe: pipeline([node(describe, 'parameters', 'described_json', { name: 'describe' })]),
      nothing: null,
    },
    config: {
      listFiles: (folder) => {
        const paths = Object.keys(config).filter((path) => path.startsWith(`${folder}/`));
        return Promise.resolve(paths.length === 0 ? null : paths);
      },
      readText: (path) => Promise.resolve(config[path] ?? ''),
    },
    ...changes,
    settings: { fileSystems: { '': files, 'https://': files }, ...changes.settings },
  });
  return {
    definition,
    config,
    files,
    readText: async (path) => new TextDecoder().decode(await files.read(path)),
  };
}
