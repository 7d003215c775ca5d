import { DatasetError } from '../catalog/dataset-error.ts';
import { type CatalogErrorCode, ProjectError, type RunnerErrorCode } from '../errors.ts';
import { RunnerError } from '../runner/runner-error.ts';

interface Described {
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: ThreadError | undefined;
}

/** An error as plain data: a structured clone would lose its class and its code. */
export type ThreadError =
  | (Described & { readonly kind: 'dataset'; readonly code: CatalogErrorCode })
  | (Described & { readonly kind: 'runner'; readonly code: RunnerErrorCode })
  | (Described & {
      readonly kind: 'other';
      readonly name: string;
      readonly code: string | undefined;
    });

const maxCauses = 8;

/** Describes what was thrown, and what caused it. */
export function toThreadError(thrown: unknown, causes = maxCauses): ThreadError {
  if (!(thrown instanceof Error)) {
    const message = String(thrown);
    return {
      kind: 'other',
      name: 'Error',
      message,
      stack: undefined,
      code: undefined,
      cause: undefined,
    };
  }
  const message: unknown = thrown.message;
  const described = {
    message: String(message),
    stack: thrown.stack,
    cause:
      thrown.cause === undefined || causes === 0
        ? undefined
        : toThreadError(thrown.cause, causes - 1),
  };
  if (thrown instanceof DatasetError) return { ...described, kind: 'dataset', code: thrown.code };
  if (thrown instanceof RunnerError) return { ...described, kind: 'runner', code: thrown.code };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return { ...described, kind: 'other', name: nameOf(thrown), code };
}

/** A class that gives its errors no name is known by its own. */
function nameOf(error: Error): string {
  if (error instanceof ProjectError) return error.type;
  const isNamed = Object.hasOwn(error, 'name') || error.constructor.name === '';
  return isNamed ? error.name : error.constructor.name;
}

/** The error again, with the class where it is one of a run's, and else with its name. */
export function fromThreadError(error: ThreadError): Error {
  const cause = error.cause === undefined ? undefined : fromThreadError(error.cause);
  const options = cause === undefined ? {} : { cause };
  const made = make(error, options);
  if (error.stack !== undefined) made.stack = error.stack;
  return made;
}

function make(error: ThreadError, options: ErrorOptions): Error {
  if (error.kind === 'dataset') return new DatasetError(error.code, error.message, options);
  if (error.kind === 'runner') return new RunnerError(error.code, error.message, options);
  const made = new Error(error.message, options);
  made.name = error.name;
  return error.code === undefined ? made : Object.assign(made, { code: error.code });
}
