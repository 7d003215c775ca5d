import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryFolder } from '../test/nodejs/temporary-folder.ts';
import { faultsOfServers, type FaultType } from './life-faults.ts';
import type { What } from './life-ledger.ts';
import { shakeLife } from './life.ts';
import type { Chaos, Scenario } from './scenarios.ts';

const diskSize = '256m';
const pauseMs = 2000;
const goneWithinMs = 2000;
const inPython: readonly What[] = ['exit', 'segfault', 'kill', 'hog'];
const anywhere: readonly What[] = ['work', 'work', 'work', 'work', 'fail', 'stubborn'];

/** A life full of faults: with Python workers, with a project in TypeScript, and behind another server. */
export const faults: Scenario = async (chaos) => {
  await shake(chaos, 'python', [...anywhere, ...inPython], ['kill-worker', 'stop-worker']);
  await shake(chaos, 'typescript', anywhere, []);
  await shakeLife({
    report: chaos.report,
    seed: chaos.seed,
    language: 'typescript',
    python: '',
    isBehind: true,
    whats: anywhere,
    durationMs: chaos.minutes * 60_000,
    faults: [...faultsOfServers, 'kill-behind', 'hold-link'],
    pauseMs,
    goneWithinMs,
  });
};

async function shake(
  { report, seed, minutes, python }: Chaos,
  language: 'python' | 'typescript',
  whats: readonly What[],
  more: readonly FaultType[],
): Promise<void> {
  await using folder = createTemporaryFolder();
  // Python's time.sleep fails under libfaketime.
  const trueTime = join(folder.path, 'python');
  writeFileSync(trueTime, `#!/bin/sh\nunset LD_PRELOAD\nexec ${python} "$@"\n`, { mode: 0o700 });
  using disk = mountDisk(join(folder.path, 'disk'));
  await shakeLife({
    report,
    seed,
    language,
    whats,
    python: trueTime,
    durationMs: minutes * 60_000,
    faults: [...more, ...faultsOfServers, 'move-clock', 'fill-disk'],
    pauseMs,
    goneWithinMs,
    disk: disk.path,
    fakeClock: findFakeClock(),
  });
}

function mountDisk(path: string): Disposable & { readonly path: string } {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskSize}`, 'none', path]);
  } catch (cause) {
    throw new Error(
      'A file system of its own cannot be mounted, so that none can be filled. Run it as root, or as `unshare --user --map-root-user --mount npm run chaos`.',
      { cause },
    );
  }
  return { path, [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', path]) };
}

/** The environment in which a file says how far the clock is off. Throws when that cannot be had. */
function findFakeClock(): (file: string) => NodeJS.ProcessEnv {
  const [library] = globSync('/usr/lib/{*/,}faketime/libfaketimeMT.so.1');
  if (library === undefined) {
    throw new Error(
      'There is no libfaketime, so that no clock can be moved. Install it (Debian: apt-get install faketime).',
    );
  }
  return (file) => ({
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    // Timers count what has passed, which a clock that is set does not change.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
}
