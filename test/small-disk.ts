import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * How a program runs with a disk of its own at `folder`, of so many bytes: in namespaces that end
 * with it, which needs no rights where the system lets everybody make them. The program and its
 * arguments follow.
 */
export function onSmallDisk(
  folder: string,
  bytes: number,
): { readonly file: string; readonly args: readonly string[] } {
  const script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"';
  return {
    file: 'unshare',
    args: ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', String(bytes), folder],
  };
}

/** Throws where there can be no such disk. */
export async function trySmallDisk(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kedro-server-disk-'));
  try {
    const { file, args } = onSmallDisk(folder, 65_536);
    await promisify(execFile)(file, [...args, 'true']);
  } finally {
    await rm(folder, { recursive: true });
  }
}
