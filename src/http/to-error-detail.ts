import type { ErrorDetail } from '../contract/error-detail.ts';
import { ProjectError, SnapshotError } from '../errors.ts';

/**
 * Describes an error in the body of a failed snapshot: by the project's own type, if any. `hide`
 * takes out of its text what the server must not show.
 */
export function toErrorDetail(error: unknown, hide?: (text: string) => string): ErrorDetail {
  const { type, message } = describe(error);
  return { type, message: hide?.(message) ?? message };
}

function describe(error: unknown): ErrorDetail {
  if (error instanceof SnapshotError || error instanceof ProjectError) {
    return { type: error.type, message: error.message };
  }
  if (error instanceof Error) return { type: error.name, message: error.message };
  return { type: 'Error', message: String(error) };
}
