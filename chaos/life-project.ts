import { copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const catalog = `mine:
  type: json.JSONDataset
  filepath: data/mine/\${runtime_params:tenant}.json
`;
const parameters = `tenant: none
what: work
milliseconds: 0
group: ""
limit: 0
capacity: 0
length: 1
`;
const manifest = { type: 'module', kedro: { projectName: 'Life', packageName: 'life' } };

export type Language = 'python' | 'typescript';

/**
 * Writes a project whose runs do what their parameters say, in Python or in TypeScript. What they
 * note for the one who checks goes to `notes`, another folder.
 */
export async function writeLifeProject(
  folder: string,
  notes: string,
  language: Language,
): Promise<void> {
  const isPython = language === 'python';
  if (isPython) {
    const tiny = join(import.meta.dirname, '../test/fixtures/tiny-kedro');
    await cp(tiny, folder, { recursive: true });
    await rm(join(folder, 'data'), { recursive: true });
  } else {
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  }
  for (const made of ['conf/base', 'data/mine', isPython ? 'src/tiny' : 'src']) {
    await mkdir(join(folder, made), { recursive: true });
  }
  await mkdir(join(notes, 'active'), { recursive: true });
  await symlink(notes, join(folder, 'data/notes'));
  await writeFile(join(folder, 'conf/base/catalog.yml'), catalog);
  await writeFile(join(folder, 'conf/base/parameters.yml'), parameters);
  const [registry, place] = isPython
    ? ['kedro-registry.py', 'src/tiny/pipeline_registry.py']
    : ['typescript-registry.ts', 'src/pipeline_registry.ts'];
  await copyFile(join(import.meta.dirname, registry), join(folder, place));
}
