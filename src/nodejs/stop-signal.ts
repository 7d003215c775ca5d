/**
 * A terminal's Ctrl-C reaches this process twice under npx: from the terminal and from npm.
 * The same signal again within this time is the same wish.
 */
const SAME_WISH_MS = 500;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignalName = keyof typeof EXIT_CODES;

export interface StopSignal extends Disposable {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly received: Promise<StopSignalName>;
}

/** Listens for the wish to stop. `onSecond` gets the exit code of the wish to stop at once. */
export function createStopSignal(onSecond: (exitCode: number) => void): StopSignal {
  const { promise: received, resolve } = Promise.withResolvers<StopSignalName>();
  let first: { name: StopSignalName; atMs: number } | undefined;
  const listener = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    const nowMs = performance.now();
    if (first === undefined) {
      first = { name, atMs: nowMs };
      resolve(name);
    } else if (first.name !== name || nowMs - first.atMs > SAME_WISH_MS) {
      onSecond(EXIT_CODES[name]);
    }
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return {
    received,
    [Symbol.dispose]: () => void process.off('SIGINT', listener).off('SIGTERM', listener),
  };
}
