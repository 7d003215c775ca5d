import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';

/** Removes the Unix socket at a path where nobody listens any more: who was killed leaves it. */
export async function freeSocketPath(path: string): Promise<void> {
  const file = await lstat(path).catch(() => null);
  if (file?.isSocket() !== true) return;
  const client = connect(path);
  try {
    await once(client, 'connect');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') await rm(path);
  } finally {
    client.destroy();
  }
}
