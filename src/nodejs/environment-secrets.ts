import { secretsOfEnvironment } from '../redact/secret-values.ts';

/** What must not be shown of this process's environment. */
export function environmentSecrets(): ReadonlySet<string> {
  try {
    return secretsOfEnvironment(process.env);
  } catch {
    // Deno may not let us read it, and then none of it gets into a text of ours either.
    return new Set();
  }
}
