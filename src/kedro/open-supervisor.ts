import { KedroServerError } from '../errors.ts';
import type { PythonCandidate } from './interpreter.ts';
import type { NoticeListener } from './notice.ts';
import {
  startSupervisor,
  UnusablePython,
  type Supervisor,
  type SupervisorStart,
} from './supervisor.ts';

/**
 * Starts a supervisor with the first interpreter that will do. Throws `python-not-found`, which lists
 * what was tried, or `ProjectError`.
 */
export async function openSupervisor(
  candidates: readonly PythonCandidate[],
  start: SupervisorStart,
  onNotice: NoticeListener,
  signal: AbortSignal,
): Promise<Supervisor> {
  const tried: string[] = [];
  for (const { path, origin } of candidates) {
    try {
      return await startSupervisor(path, start, onNotice, signal);
    } catch (error) {
      if (!(error instanceof UnusablePython)) throw error;
      tried.push(`  ${path} (${origin}) ${error.message}`);
    }
  }
  throw new KedroServerError(
    'python-not-found',
    `No Python interpreter can run the project. Tried:\n${tried.join('\n')}\n` +
      "Install Kedro 1.4 or newer where the project's packages are ('pip install kedro'), and name that " +
      'interpreter by --python, KEDRO_SERVER_PYTHON or an active virtual environment.',
  );
}
