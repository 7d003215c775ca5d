import { createRequire } from 'node:module';

import { openRunDatasetTypes, type ProjectSettings } from 'kedro-server';

/** `${package:vega-datasets}` in `conf/`: the folder of an installed package. */
function packageFolder(name: unknown): string {
  const folder = `/node_modules/${String(name)}`;
  const entry = createRequire(import.meta.url)
    .resolve(String(name))
    .replaceAll('\\', '/');
  return entry.slice(0, entry.lastIndexOf(`${folder}/`) + folder.length);
}

export const settings: ProjectSettings = {
  configLoaderArgs: { customResolvers: { package: packageFolder } },
  // What does not fit in, such as three million flights at their widest, goes to the disk meanwhile.
  openDatasetTypes: () => openRunDatasetTypes({ duckdb: { memoryLimit: '200MB' } }),
};
