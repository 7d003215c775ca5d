import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';

import { copyProject } from '../cli/kedro-project-copy.ts';
import { kedroPython } from '../python-env.ts';
import { onSmallDisk } from '../small-disk.ts';
import type { FullDiskFinding } from './full-disk-process.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const script = path.join(import.meta.dirname, 'full-disk-process.ts');

async function findOnFullDisk(
  disk: string,
  ...args: readonly string[]
): Promise<ReadonlyMap<string, FullDiskFinding>> {
  const { file, args: before } = onSmallDisk(disk, 8 * 1024 * 1024);
  const { stdout } = await promisify(execFile)(file, [
    ...before,
    process.execPath,
    script,
    disk,
    ...args,
  ]);
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FullDiskFinding);
  return new Map(found.map((each) => [each.name, each]));
}

describe.skipIf(inject('smallDiskMissing') !== null)('a full disk', () => {
  test('fails each save, which names its dataset and leaves the old data and nothing else', async () => {
    await using folder = createTemporaryFolder();
    const found = await findOnFullDisk(folder.path);
    expect(found.size).toBe(13);
    for (const { name, error, after, added } of found.values()) {
      expect({ name, after, added }).toEqual({ name, after: 'old', added: [] });
      expect(error).toMatch(
        new RegExp(`^DatasetError: ${name}: Failed while saving data to dataset`, 'u'),
      );
      expect(error).toMatch(/no space left|disk is full/iu);
    }
  });

  test.skipIf(inject('pythonMissing') !== null)(
    'fails a Kedro run, and refuses what could not be kept until there is room',
    async () => {
      await using project = await copyProject('faults-kedro');
      await using folder = createTemporaryFolder();
      const found = await findOnFullDisk(folder.path, project.path, await kedroPython('newest'));
      expect(found.get('kedro')?.after).toMatchObject({
        status: 'failure',
        error: { type: 'DatasetError', message: expect.stringContaining('parameters_json') },
      });
      expect(found.get('submission')?.after).toMatchObject({
        status: 503,
        body: { code: 'store-unusable' },
      });
      const ran = { status: 200, body: { status: 'success' } };
      expect(found.get('before')?.after).toMatchObject(ran);
      expect(found.get('afterwards')?.after).toMatchObject(ran);
    },
  );
});
