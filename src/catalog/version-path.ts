import { compareCodePoints } from '../names/compare-code-points.ts';
import { DatasetError } from './dataset-error.ts';
import type { FileSystem } from './file-system.ts';

/** What a version that is saved now is called: `2026-11-23T08.34.31.123Z`. */
export function createVersion(): string {
  return new Date().toISOString().replaceAll(':', '.');
}

/** `data/cars.csv/<version>/cars.csv`. Throws `DatasetError` (`version-invalid`). */
export function versionedPath(filepath: string, version: string): string {
  if (version === '' || /[/\\]/u.test(version) || version === '.' || version === '..') {
    throw new DatasetError(
      'version-invalid',
      `Version string '${version}' is not allowed. Version strings must be a single non-empty path component with no path separators ('/' or '\\') and must not be '.' or '..'.`,
    );
  }
  return `${filepath}/${version}/${fileName(filepath)}`;
}

/** The last segment of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The versions there are, the newest first: the greatest name, as Kedro sorts paths. */
export async function listVersions(
  filepath: string,
  fileSystem: FileSystem,
): Promise<readonly string[]> {
  const ending = `/${fileName(filepath)}`;
  return (await fileSystem.list(filepath))
    .filter((file) => file.endsWith(ending) && file.indexOf('/') === file.length - ending.length)
    .toSorted((left, right) => compareCodePoints(right, left))
    .map((file) => file.slice(0, -ending.length));
}
