import type { Executor, ProjectInfo } from '../executor/executor.ts';

/** Whether the project has been opened, and the way to open it. */
export interface ProjectOpening {
  /** Null until the project is open. */
  readonly info: ProjectInfo | null;
  /** Whether the last attempt failed and no other has begun to succeed it. */
  readonly hasFailed: boolean;
  /** Opens the project once; calls that come together share one attempt, a failed one is tried again. */
  open(): Promise<ProjectInfo>;
}

export function createProjectOpening(executor: Executor): ProjectOpening {
  let info: ProjectInfo | null = null;
  let hasFailed = false;
  let attempt: Promise<ProjectInfo> | null = null;

  async function tryOnce(): Promise<ProjectInfo> {
    try {
      info = await executor.open();
      hasFailed = false;
      return info;
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  }

  return {
    get info() {
      return info;
    },
    get hasFailed() {
      return hasFailed;
    },
    open: () => {
      if (info !== null) return Promise.resolve(info);
      attempt ??= tryOnce().finally(() => {
        attempt = null;
      });
      return attempt;
    },
  };
}
