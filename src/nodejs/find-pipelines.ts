import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareCodePoints } from '../names/compare-code-points.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { valueType } from '../pipeline/value-type.ts';
import { ProjectFault } from '../project/project-error.ts';
import { findModule, importModule, withoutGenerations } from './project-modules.ts';

export interface FindPipelinesOptions {
  /** Throws at the first pipeline that cannot be had, in place of warning of each. */
  readonly raiseErrors?: boolean | undefined;
  /** Only these; all when it is not given, or when `__default__` is one of them. */
  readonly pipelinesToFind?: readonly string[] | undefined;
  /** Told of what is left out; by default the process warns on standard error. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Finds the pipelines beside a module: `pipelines/<name>/index.ts` or `pipeline.ts`, which export
 * `createPipeline`, by their folders' names, and as `__default__` the sum of them and of what
 * `pipeline.ts` beside the module creates. Call it with `import.meta.url` of the project's
 * `src/pipeline_registry.ts`. Kedro's `find_pipelines`. Throws `ProjectFault` where `raiseErrors`
 * says so, and what `createPipeline` throws.
 */
export async function findPipelines(
  moduleUrl: string,
  options: FindPipelinesOptions = {},
): Promise<Record<string, Pipeline>> {
  const search = new Search(path.dirname(fileURLToPath(moduleUrl)), options);
  const { pipelinesToFind } = options;
  if (pipelinesToFind === undefined || pipelinesToFind.includes('__default__')) {
    return await search.findAll();
  }
  return await search.findSome(pipelinesToFind);
}

class Search {
  readonly #source: string;
  readonly #options: FindPipelinesOptions;

  constructor(source: string, options: FindPipelinesOptions) {
    this.#source = source;
    this.#options = options;
  }

  async findAll(): Promise<Record<string, Pipeline>> {
    const simple = findModule(this.#source, 'pipeline');
    const first = simple === null ? null : await this.#create(simple);
    const found: Record<string, Pipeline> = {};
    for (const name of this.#folders()) {
      const pipeline = await this.#find(name);
      if (pipeline !== null) found[name] = pipeline;
    }
    const all = first === null ? Object.values(found) : [first, ...Object.values(found)];
    return { __default__: Pipeline.sum(all), ...found };
  }

  async findSome(names: readonly string[]): Promise<Record<string, Pipeline>> {
    const there = this.#folders();
    const missing = names.filter((name) => !there.includes(name));
    if (missing.length > 0) {
      const list = missing.toSorted(compareCodePoints).join(', ');
      this.#refuse(
        'pipeline-missing',
        `Pipeline(s) not found: ${list}. There are: ${there.join(', ')}.`,
      );
    }
    const found: Record<string, Pipeline> = {};
    for (const name of there.filter((each) => names.includes(each))) {
      const pipeline = await this.#find(name);
      if (pipeline !== null) found[name] = pipeline;
    }
    return found;
  }

  #folders(): readonly string[] {
    const folder = path.join(this.#source, 'pipelines');
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map(({ name }) => name)
        .toSorted(compareCodePoints);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  async #find(name: string): Promise<Pipeline | null> {
    const folder = path.join(this.#source, 'pipelines', name);
    const file = findModule(folder, 'index') ?? findModule(folder, 'pipeline');
    if (file !== null) return await this.#create(file);
    return this.#refuse(
      'pipeline-missing',
      `The folder '${this.#show(folder)}' has neither index.ts nor pipeline.ts, so no pipelines defined therein will be returned by 'findPipelines'.`,
    );
  }

  async #create(file: string): Promise<Pipeline | null> {
    const shown = this.#show(file);
    let exported: Readonly<Record<string, unknown>>;
    try {
      exported = await importModule(file);
    } catch (cause) {
      const message = `An error occurred while importing the '${shown}' module.`;
      const left = "Nothing defined therein will be returned by 'findPipelines'.";
      if (this.#options.raiseErrors === true) throw cause;
      const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      return this.#warn(`${message} ${left}\n\n${withoutGenerations(reason)}`);
    }
    const create = exported['createPipeline'];
    if (typeof create !== 'function') {
      return this.#refuse(
        'pipeline-missing',
        `The '${shown}' module does not export a 'createPipeline' function, so no pipelines defined therein will be returned by 'findPipelines'.`,
      );
    }
    const pipeline: unknown = await Reflect.apply(create, undefined, []);
    if (pipeline instanceof Pipeline) return pipeline;
    return this.#refuse(
      'pipeline-missing',
      `Expected the 'createPipeline' function in the '${shown}' module to return a 'Pipeline' object, got '${valueType(pipeline)}' instead. Nothing defined therein will be returned by 'findPipelines'.`,
    );
  }

  #show(file: string): string {
    return path.relative(path.dirname(this.#source), file).replaceAll(path.sep, '/');
  }

  #refuse(code: 'pipeline-missing', message: string): null {
    if (this.#options.raiseErrors === true) throw new ProjectFault(code, message);
    return this.#warn(message);
  }

  #warn(message: string): null {
    const { onWarning = (text) => process.emitWarning(text, 'UserWarning') } = this.#options;
    onWarning(message);
    return null;
  }
}
