import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';

import { openRunDatasetTypes, type ProjectSettings } from 'kedro-server';

/** `${package:vega-datasets}` in `conf/`: the folder of an installed package. */
function packageFolder(name: unknown): string {
  const manifest = findPackageJSON(String(name), import.meta.url);
  if (manifest === undefined) throw new Error(`Run 'npm install ${String(name)}' first.`);
  return dirname(manifest);
}

export const settings: ProjectSettings = {
  configLoaderArgs: { customResolvers: { package: packageFolder } },
  // What does not fit in, such as three million flights at their widest, goes to the disk meanwhile.
  openDatasetTypes: () => openRunDatasetTypes({ duckdb: { memoryLimit: '200MB' } }),
};
