import { ServerSettingsError } from '../errors.ts';

/** Throws `ServerSettingsError` for what is no number of runs; undefined is the default. */
export function requireConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency > 0)) return;
  throw new ServerSettingsError(
    `concurrency must be a positive whole number of runs, not ${String(concurrency)}.`,
  );
}
