import path from 'node:path';
import type { ProjectDefinition } from '../project/define-project.ts';
import { loadProject, type LoadProjectOptions } from './load-project.ts';
import { beginGeneration } from './project-modules.ts';
import type { TypescriptProject } from './typescript-project.ts';
import { changedFiles, lookAtFiles, type Look } from './watch-files.ts';

/**
 * Loads a project again and again: modules are imported anew when the project's files have
 * changed, and not otherwise, because what was imported once stays in memory.
 */
export function createProjectLoader(
  project: TypescriptProject,
  options: LoadProjectOptions,
): () => Promise<ProjectDefinition> {
  let known: { readonly files: Look; readonly loading: Promise<ProjectDefinition> } | undefined;
  return async () => {
    const files = await lookAtFiles([project.sourcePath, path.join(project.path, 'package.json')]);
    if (known !== undefined) {
      if (changedFiles(known.files, files).length === 0) return await known.loading;
      beginGeneration(project.path);
    }
    known = { files, loading: loadProject(project.path, options) };
    return await known.loading;
  };
}
