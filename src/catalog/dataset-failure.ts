import type { CatalogErrorCode } from '../errors.ts';
import { DatasetError } from './dataset-error.ts';
import { redactUrls } from '../redact/redact-url.ts';

export interface DatasetFailure {
  readonly code: CatalogErrorCode;
  /** What was being done: `loading data from`. */
  readonly doing: string;
  readonly name: string;
  /** The dataset as messages show it. */
  readonly shown: string;
}

/** What a dataset threw, with the dataset's name before it, as Kedro's catalog puts it. */
export function toDatasetFailure(
  cause: unknown,
  { code, doing, name, shown }: DatasetFailure,
): DatasetError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isOwn = cause instanceof DatasetError && !cause.code.startsWith('file-');
  const message = isOwn ? reason : `Failed while ${doing} dataset ${shown}.\n${redactUrls(reason)}`;
  return new DatasetError(code, `${name}: ${message}`, { cause });
}
