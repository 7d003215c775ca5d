import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** A Python interpreter that may be the project's. */
export interface PythonCandidate {
  readonly path: string;
  /** Why it is tried, e.g. `--python`. */
  readonly origin: string;
}

/**
 * Returns the interpreters to try, in order. One that was asked for by name is the only one: another
 * would run the project with other packages than meant.
 */
export async function findPythonCandidates(
  projectPath: string,
  python: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<readonly PythonCandidate[]> {
  if (python !== undefined) return [{ path: python, origin: 'the option python' }];
  const named = environment['KEDRO_SERVER_PYTHON'];
  if (named !== undefined && named !== '') return [{ path: named, origin: 'KEDRO_SERVER_PYTHON' }];
  const candidates: PythonCandidate[] = [];
  const active = environment['VIRTUAL_ENV'];
  if (active !== undefined && active !== '') {
    candidates.push({
      path: join(active, 'bin', 'python'),
      origin: 'the active virtual environment',
    });
  }
  const conda = environment['CONDA_PREFIX'];
  if (conda !== undefined && conda !== '') {
    candidates.push({ path: join(conda, 'bin', 'python'), origin: 'the active conda environment' });
  }
  const own = join(projectPath, '.venv', 'bin', 'python');
  if (await exists(own)) candidates.push({ path: own, origin: "the project's .venv" });
  candidates.push({ path: 'python3', origin: 'PATH' });
  return candidates;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
