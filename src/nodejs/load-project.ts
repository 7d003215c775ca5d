import { realpathSync } from 'node:fs';
import path from 'node:path';
import { createHttpFileSystem } from '../catalog/http-file-system.ts';
import type { ConfigSource } from '../config/config-source.ts';
import { ProjectError, ServerSettingsError } from '../errors.ts';
import { isNameMap, valueType } from '../pipeline/value-type.ts';
import type { ProjectDefinition, ProjectSettings } from '../project/define-project.ts';
import { ProjectFault } from '../project/project-error.ts';
import type { PipelineRegistry } from '../project/registered-pipelines.ts';
import { createDiskConfigSource } from './disk-config-source.ts';
import { createDiskFileSystem } from './disk-file-system.ts';
import { createNodeErrorLog } from './node-error-log.ts';
import {
  findModule,
  importModule,
  openModules,
  placeOf,
  withoutGenerations,
} from './project-modules.ts';
import { openThreads } from './parallel-runner.ts';
import { openRunDatasetTypes } from './run-dataset-types.ts';
import { createSourceFinder } from './source-finder.ts';
import { requireTypescriptProject, type TypescriptProject } from './typescript-project.ts';

/** What is a project's own, and runtime parameters must not lead to, beside its code and configuration. */
const notData = ['package.json', 'node_modules', '.env', '.npmrc', '.git', '.kedro-server'];

export interface LoadProjectOptions {
  /** Environment of runs and of the snapshot; without one, `KEDRO_ENV` counts for runs. */
  readonly env?: string | undefined;
  /** Folder of the configuration; default: the project's `conf`. */
  readonly confSource?: string | undefined;
}

/**
 * Loads the TypeScript project of a folder: `package.json` with its `kedro` section, `conf/`, and
 * below `src/` either `project.ts`, which exports `project`, or `pipeline_registry.ts`, which
 * exports `registerPipelines`, with or without `settings.ts`, which exports `settings`. Data
 * whose path is relative lies below the folder. Throws `ServerSettingsError` where there is no such
 * project, and `ProjectError`, with file and line, where its code cannot be loaded.
 */
export async function loadProject(
  folder: string,
  options: LoadProjectOptions = {},
): Promise<ProjectDefinition> {
  const manifest = requireTypescriptProject(realpathSync(folder));
  const { env } = options;
  if (env !== undefined && !/^[A-Za-z0-9_-]*$/u.test(env)) {
    throw new ServerSettingsError(
      `The environment '${env}' is no name of a folder in conf/: use letters, digits, '_' and '-'.`,
    );
  }
  openModules(manifest.path);
  const own = await within(manifest, () => importDefinition(manifest));
  const { settings = {} } = own;
  const confSource = findConfSource(manifest.path, options.confSource);
  const closed = [confSource, manifest.sourcePath, ...notData];
  const location = {
    projectPath: manifest.path,
    env,
    confSource: options.confSource === undefined ? undefined : confSource,
  };
  return {
    ...own,
    pipelines: () => within(manifest, () => register(own)),
    config:
      options.confSource === undefined && own.config !== undefined
        ? own.config
        : createConfSource(confSource, env, settings),
    env: isNamed(env) ? env : own.env,
    runEnv: isNamed(env) ? env : (own.env ?? process.env['KEDRO_ENV']),
    settings: {
      ...settings,
      configLoaderArgs: { environment: process.env, ...settings.configLoaderArgs },
      hooks: [...(settings.hooks ?? []), createNodeErrorLog(manifest.path)],
      findSource: settings.findSource ?? createSourceFinder(manifest.path),
      openDatasetTypes: settings.openDatasetTypes ?? openRunDatasetTypes,
      openParallelRunner: settings.openParallelRunner ?? openThreads(location, settings),
      fileSystems: {
        '': createDiskFileSystem(manifest.path, closed),
        'http://': createHttpFileSystem(),
        'https://': createHttpFileSystem(),
        ...settings.fileSystems,
      },
    },
    location,
  };
}

function findConfSource(projectPath: string, given: string | undefined): string {
  if (given === undefined) return path.join(projectPath, 'conf');
  if (!given.includes('://') && !/\.(?:zip|tar|tar\.gz|tgz)$/u.test(given))
    return path.resolve(given);
  throw new ServerSettingsError(
    `The configuration '${given}' is no folder. Projects in TypeScript read theirs from a folder: unpack it and name that.`,
  );
}

/** An empty name is none, to Kedro. */
function isNamed(env: string | undefined): env is string {
  return env !== undefined && env !== '';
}

async function register({ pipelines }: ProjectDefinition): Promise<PipelineRegistry> {
  return typeof pipelines === 'function' ? await pipelines() : pipelines;
}

/** The environment that nobody asked for may be missing: git keeps no empty folders. */
function createConfSource(
  confSource: string,
  env: string | undefined,
  { configLoaderArgs }: ProjectSettings,
): ConfigSource {
  const { defaultRunEnv = 'local' } = configLoaderArgs ?? {};
  return createDiskConfigSource(confSource, new Set(isNamed(env) ? [] : [defaultRunEnv]));
}

async function importDefinition(project: TypescriptProject): Promise<ProjectDefinition> {
  const { path: root, sourcePath, projectName, packageName, kedroVersion } = project;
  const show = (file: string): string => path.relative(root, file).replaceAll(path.sep, '/');
  const named = { projectName, packageName, kedroVersion };
  const whole = findModule(sourcePath, 'project');
  const registry = findModule(sourcePath, 'pipeline_registry');
  const settingsFile = findModule(sourcePath, 'settings');
  if (whole !== null) {
    const beside = registry ?? settingsFile;
    if (beside === null)
      return { ...named, ...(await importExport(whole, 'project', isDefinition, show)) };
    throw new ProjectFault(
      'export-invalid',
      `The project is defined twice, by '${show(whole)}' and by '${show(beside)}'. Keep one of them.`,
    );
  }
  if (registry === null) {
    const source = show(sourcePath);
    throw new ProjectFault(
      'module-missing',
      `The project registers no pipelines: there is neither '${source}/pipeline_registry.ts', which exports 'registerPipelines', nor '${source}/project.ts', which exports 'project'.`,
    );
  }
  const settings =
    settingsFile === null ? {} : await importExport(settingsFile, 'settings', isSettings, show);
  const pipelines = await importExport(registry, 'registerPipelines', isRegister, show);
  return { ...named, pipelines, settings };
}

type Register = () => PipelineRegistry | Promise<PipelineRegistry>;

function isRegister(value: unknown): value is Register {
  return typeof value === 'function';
}

function isSettings(value: unknown): value is ProjectSettings {
  return isNameMap(value);
}

function isDefinition(value: unknown): value is ProjectDefinition {
  return isNameMap(value) && 'pipelines' in value;
}

const wanted = {
  registerPipelines: 'a function that returns pipelines by name',
  settings: 'an object',
  project: 'made by defineProject(), with its pipelines',
} as const;

async function importExport<T>(
  file: string,
  name: keyof typeof wanted,
  isWanted: (value: unknown) => value is T,
  show: (file: string) => string,
): Promise<T> {
  const exported = await importModule(file);
  const value = exported[name];
  if (isWanted(value)) return value;
  if (value !== undefined) {
    throw new ProjectFault(
      'export-invalid',
      `'${name}' of '${show(file)}' has to be ${wanted[name]}, not '${valueType(value)}'.`,
    );
  }
  const names = Object.keys(exported);
  const isDefault = isWanted(exported['default']);
  throw new ProjectFault(
    'export-missing',
    `'${show(file)}' does not export '${name}': it exports ${names.length === 0 ? 'nothing' : names.join(', ')}.${isDefault ? ' Export it by its name instead of as default.' : ''}`,
  );
}

/** What goes wrong with the project's code, as an error that says where. */
async function within<T>({ path: root }: TypescriptProject, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw toProjectError(error, root);
  }
}

function toProjectError(thrown: unknown, root: string): unknown {
  if (thrown instanceof ProjectError || thrown instanceof ServerSettingsError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const place = placeOf(error, root);
  const message = withoutGenerations(error.message);
  return new ProjectError(
    error.name,
    place === null ? message : `${place}: ${message}`,
    withoutInternals(withoutGenerations(error.stack ?? '')),
    { cause: thrown },
  );
}

/** What the runtime does to load a module is no help in mending it. */
function withoutInternals(stack: string): string {
  const lines = stack.split('\n').filter((line) => !/^\s+at (?:.*[( ])?node:/u.test(line));
  return lines.join('\n');
}
