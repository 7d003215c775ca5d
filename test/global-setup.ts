import type { TestProject } from 'vitest/node';

import { kedroPython } from './python-env.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Python with Kedro, or null when there is; suites that need it then skip. */
    pythonMissing: string | null;
  }
}

/** Makes the Python environments before the first test. */
export async function setup({ provide }: TestProject): Promise<void> {
  try {
    await kedroPython('newest');
    await kedroPython('oldest');
    provide('pythonMissing', null);
  } catch (error) {
    provide('pythonMissing', error instanceof Error ? error.message : String(error));
  }
}
