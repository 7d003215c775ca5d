import { UsageError } from './usage-error.ts';

/** Loads what only who uses a queue has installed the packages for. Throws `UsageError`. */
export async function loadQueue() {
  try {
    return await import('../queue/index.ts');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new UsageError(
        "A queue needs the packages 'bullmq' and 'ioredis'. Run 'npm install bullmq ioredis'.",
      );
    }
    throw error;
  }
}
