import { KedroServerError } from '../errors.ts';

/** What an executor, and who owns runs, throw after `close()`. */
export function executorClosed(): KedroServerError {
  return new KedroServerError('executor-closed', 'The server is stopping and takes no more runs.');
}
