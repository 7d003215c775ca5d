import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

import { findChromium } from './chromium.ts';
import { connectPostgres } from './postgres.ts';
import { kedroPython } from './python-env.ts';
import { connectRedis } from './redis.ts';
import { trySmallDisk } from './small-disk.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Python with Kedro, or null when there is; suites that need it then skip. */
    pythonMissing: string | null;
    /** Why there is no PostgreSQL, or null when there is. */
    postgresMissing: string | null;
    /** Why there is no Redis, or null when there is. */
    redisMissing: string | null;
    /** Why no small disk can be made, or null when it can. */
    smallDiskMissing: string | null;
    /** Why there is no Chromium, or null when there is. */
    chromiumMissing: string | null;
  }
}

async function whyMissing(look: () => Promise<unknown>): Promise<string | null> {
  try {
    await look();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Makes the Python environments before the first test, and looks for PostgreSQL, Redis and Chromium. */
export async function setup({ provide }: TestProject): Promise<void> {
  const pythons = async () => {
    await kedroPython('newest');
    await kedroPython('oldest');
  };
  provide('pythonMissing', await whyMissing(pythons));
  provide('postgresMissing', await whyMissing(async () => (await connectPostgres()).end()));
  const redis = async () => {
    (await connectRedis()).disconnect();
    // Tests that end one start their own.
    await promisify(execFile)('redis-server', ['--version']);
  };
  provide('redisMissing', await whyMissing(redis));
  provide('smallDiskMissing', await whyMissing(trySmallDisk));
  provide('chromiumMissing', await whyMissing(findChromium));
}
