import { createConcurrentRunner, createSequentialRunner } from '../runner/create-runner.ts';
import type { Runner } from '../runner/runner.ts';
import type { ProjectDefinition } from './define-project.ts';
import { ProjectFault } from './project-error.ts';
import type { RegisteredPipelines } from './registered-pipelines.ts';

const kedroModule = /^kedro\.runner\.(?:\w+\.)?(?=\w+$)/u;

/**
 * The runner of a name: the project's own, ours (`sequential`, `concurrent`, `parallel`), or Kedro's
 * (`SequentialRunner`, `ThreadRunner`, `ParallelRunner`, also behind `kedro.runner.`). Dotted names
 * stay within the runners that the project gives. Throws `ProjectFault`.
 */
export function findRunner(
  asked: string | null,
  { packageName, settings = {} }: ProjectDefinition,
  pipelines: RegisteredPipelines,
): Runner {
  const { runners = {}, maxConcurrency, openParallelRunner } = settings;
  const name = asked ?? 'SequentialRunner';
  const own = Object.hasOwn(runners, name) ? runners[name] : undefined;
  if (own !== undefined) return own();
  switch (name.replace(kedroModule, '')) {
    case 'SequentialRunner':
    case 'sequential':
      return createSequentialRunner();
    case 'ThreadRunner':
    case 'concurrent':
      return createConcurrentRunner({ maxConcurrency });
    case 'ParallelRunner':
    case 'parallel':
      if (openParallelRunner !== undefined) return openParallelRunner(pipelines);
      throw new ProjectFault(
        'runner-unsupported',
        "'ParallelRunner' runs nodes in threads that load the project again, which needs Node.js and a project that is loaded from its folder. Use 'ThreadRunner', which runs nodes concurrently in this thread, or 'SequentialRunner'.",
      );
    default:
      throw unknownRunner(name, packageName, Object.keys(runners));
  }
}

/** Names that `findRunner` knows, without those behind `kedro.runner.`. */
export function runnerNames({ settings }: ProjectDefinition): readonly string[] {
  const own = Object.keys(settings?.runners ?? {});
  const parallel = settings?.openParallelRunner === undefined ? [] : ['ParallelRunner', 'parallel'];
  const ours = ['SequentialRunner', 'ThreadRunner', 'sequential', 'concurrent'];
  return [...new Set([...ours, ...parallel, ...own])];
}

function unknownRunner(name: string, packageName: string, own: readonly string[]): ProjectFault {
  const there = ['SequentialRunner', 'ThreadRunner', ...own].join(', ');
  const dot = name.lastIndexOf('.');
  const module = dot === -1 ? 'kedro.runner' : name.slice(0, dot);
  const isAllowed = ['kedro.runner', packageName].some((prefix) =>
    `${module}.`.startsWith(`${prefix}.`),
  );
  if (isAllowed) {
    return new ProjectFault(
      'runner-unknown',
      `module '${module}' has no attribute '${name.slice(dot + 1)}': there is ${there}`,
    );
  }
  return new ProjectFault(
    'runner-refused',
    `Runner module '${module}' is not allowed. Only 'kedro.runner' and the runners that the project's settings give are permitted: ${there}.`,
  );
}
