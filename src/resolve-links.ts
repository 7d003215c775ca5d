import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** The place of a file once all links that exist on its way are resolved. */
export function resolveLinks(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    const folder = path.dirname(file);
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      return resolveLinks(path.resolve(folder, readlinkSync(file)));
    }
    return folder === file ? file : path.join(resolveLinks(folder), path.basename(file));
  }
}
